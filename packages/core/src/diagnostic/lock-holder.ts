/** Who holds a lock that a run waits for. */
export interface LockHolder {
  readonly pid: number
  readonly applicationName: string | null
  readonly user: string | null
  readonly since: Date | null
  readonly state: string | null
  readonly query: string | null
}
