/** What a session has set that decides what its statements mean. */
export interface SettingsTrack {
  /** Takes note of a statement; says whether it only changes settings of the session. */
  take(code: string): boolean
  /** The settings in force, by their names. */
  current(): ReadonlyMap<string, string>
  /** A transaction has ended. */
  end(how: 'commit' | 'rollback'): void
}

/** Those of which the result depends; the others are about how a client and the server talk. */
const MEANINGFUL =
  /^(?:search_path|role|session_authorization|check_function_bodies|default_tablespace|default_table_access_method)$/

const SET = /^SET\s+(?:(SESSION|LOCAL)\s+(?!AUTHORIZATION))?(\S+?)(?:\s*(?:=|\s+TO\b)|\s)\s*([\s\S]+)$/i
const CALL =
  /^SELECT\s+(?:pg_catalog\s*\.\s*)?set_config\s*\(\s*'([^']+)'\s*,\s*('(?:[^']|'')*')(?:\s*::\s*\w+)?\s*,\s*'?(true|false|t|f)'?(?:\s*::\s*\w+)?\s*\)[^;]*$/i
const RESET = /^RESET\s+(\S+)$|^DISCARD\s+(ALL)$/i

/** Follows the settings of one session. */
export function createSettingsTrack(): SettingsTrack {
  let session = new Map<string, string>()
  let local = new Map<string, string>()
  let before: Map<string, string> | undefined
  const set = (name: string, value: string | undefined, scope: 'session' | 'local'): void => {
    if (!MEANINGFUL.test(name)) return
    before ??= new Map(session)
    if (value !== undefined && scope === 'local') local.set(name, value)
    else if (value !== undefined) session.set(name, value)
    else if (scope === 'session') session.delete(name)
    if (scope === 'session' || value === undefined) local.delete(name)
  }
  return {
    take(code) {
      const [, called, text, isLocal] = CALL.exec(code) ?? []
      if (called !== undefined && text !== undefined) {
        set(called.toLowerCase(), listOf(text), /^t/i.test(isLocal ?? '') ? 'local' : 'session')
        return true
      }
      const [, reset, all] = RESET.exec(code) ?? []
      if (all !== undefined || /^all$/i.test(reset ?? '')) session = new Map()
      else if (reset !== undefined) set(reset.toLowerCase(), undefined, 'session')
      if (all !== undefined || reset !== undefined) return true
      if (!/^SET\s/i.test(code) || /^SET\s+(?:TRANSACTION|CONSTRAINTS)\b/i.test(code)) return false
      const [name, value, scope] = readSet(code)
      set(name, /^(?:default|none)$/i.test(value) ? undefined : value, scope)
      return true
    },
    current: () => new Map([...session, ...local]),
    end(how) {
      if (how === 'rollback' && before !== undefined) session = before
      before = undefined
      local = new Map()
    },
  }
}

function readSet(code: string): readonly [name: string, value: string, scope: 'session' | 'local'] {
  const authorization = /^SET\s+(?:SESSION\s+)?SESSION\s+AUTHORIZATION\s+([\s\S]+)$/i.exec(code)?.[1]
  if (authorization !== undefined) return ['session_authorization', authorization, 'session']
  const [, scope, word = '', value = ''] = SET.exec(code) ?? []
  const name = word.toLowerCase() === 'schema' ? 'search_path' : word.toLowerCase()
  return [name, value.trim(), scope?.toLowerCase() === 'local' ? 'local' : 'session']
}

/** `set_config` takes a list as one text. */
function listOf(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'") || "''"
}
