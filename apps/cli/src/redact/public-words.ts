/** Keys and fixed values of the documents of `--json`, and keys of the details of an error. */
const DOCUMENTS = `
  action adoption after alter_table applicationName applied appliedAt area attempt attempts available backup
  baseline blockers blocking branches brings changed checks checksum code column columns comment completed
  configuration connection counts create create_index create_table current custom_sql database databaseState
  delayMs delete_data deleted dependents dependsOn description destructive detail details diagnostics digest
  direction directory done down drifted drop_index drop_table dryRun dry_run durationMs elsewhere encryption endIt endedAt environment environments error
  executed expected executedAt executedBy executionTimeMs exposure failed file files fill findings folder forkPoint format
  formatVersion found from half_rolled_back head header heads healthy held help host import inForce index insert_data invalidIndex kept
  kind knownLayout leftOut left_to_others line location lock lockTimeoutMs lockWaits lost manifest manner mark
  message migration migrationId migrations no_row_security no_transaction nodes none note notes nothing_to_do
  object older on_change once orphaned outcome pairs path paths pending pooler port printed
  problem problems program queries query reader readers reason recorded refused remarks repair replaces report
  redo required retries reversible role rolled_back roots rows runId runner running runs schema script server serverVersion
  settings severity sha256 shell shown since source sqlState state statement statementTimeoutMs statements status
  stays steps strong_lock table tables tags target timed_out total touchedByBoth touchedBySeveral transaction type unchanged unknown
  unreachable unsaved update_data user valid value verify waitMs waitedMs warning words written
  drift clean accepted outdated notOurs notChecked shadow change sentences facets added removed facet
  engine version targetVersion shadowVersion fleet pglite native page restored
  objects proved text result checked parts gaps order closure reversibility proven not_provable part rule others
  edits remove replays verdict secondUp exact column_order differs down_fails irreversible up_fails same fails
  untraced locks rewrites scans indexBuilds relation mode name inserted updated variables secret
  cached loses_data seeded unseeded failsOnAnyRow standby copiedFrom rehearsedAt differences holders speed
  nothing_found stored_sql dump not_run work blocks bytes indexes indexBytes basis seen by_manual does rewrite
  scan index_build changes_rows nobody writers everybody high holds wanted session seconds compared broken
  event wave number waves targets wave_started target_started interrupted not_begun target_finished next pausing
  queue queued waiting resumed cancelled detached concurrency ready other_files ending
  failures allowed notBegun stopped rolloutId ended complete rollouts startedAt groups nothing versions ahead
  notCompared calibrated history generatedAt toolVersion project changes notExecuted start destroys trace
  created before rehearsal hook
  lint safeSql batches size first last count progress walks percent unread paused pauseMs
  matters not_checked left patch check equal orders rewritten password
  watching apply applies command saved ids redo left refreshed
`

/**
 * Words of our own output. A password that is one of them is masked by its place alone: masked everywhere, it
 * would take keys out of documents and hide nothing, since nobody can distinguish it from the word.
 */
export const PUBLIC_WORDS: ReadonlySet<string> = new Set([
  'tidemark',
  'postgres',
  'postgresql',
  'public',
  'migration',
  'migrations',
  'localhost',
  ...DOCUMENTS.trim().split(/\s+/),
])
