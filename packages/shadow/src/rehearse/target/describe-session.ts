import type { TargetSession } from './target.ts'

/** Who a session is, without what it runs. */
export function describeSession({ pid, applicationName, role, state, kind, seconds }: TargetSession): string {
  if (pid === null) return 'a prepared transaction'
  const facts = [
    kind === 'client backend' ? null : kind,
    applicationName,
    role === null ? null : `role ${role}`,
    state,
    seconds === null ? null : `for ${seconds} s`,
  ].filter((fact) => fact !== null)
  return facts.length === 0 ? `pid ${pid}` : `pid ${pid} (${facts.join(', ')})`
}
