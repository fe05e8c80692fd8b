/** `tidemark help exit-codes`. */
export const EXIT_CODES_TOPIC = `Exit codes, the same with --json:

    0  done; nothing to do; a plan was shown
    1  a migration, a verify or the server failed (TM5xxx)
    2  nothing was done: files, graph, tracking tables, rollback refused, configuration, usage (TM1xxx TM2xxx TM3xxx TM6xxx TM7xxx), pooler refused, confirmation missing
    3  pending (status, wait)
    4  a changed file, a stale plan, drift or a stale snapshot (TM4xxx); wins over 3
    5  timed out waiting for the migration lock
    6  not checked: the shadow lacks what a migration needs, such as an extension, a role or rows
    7  findings (check, rehearse); wins over 6
   70  a bug in tidemark; a report is written to a file, whose path is printed
  130  interrupted (SIGINT); 143 by SIGTERM

With --json a failure is one document on stdout:
  { "error": { "code", "message", "help", "location", "details" } }
`
