/** What the types of a `Pool` of `pg` have had in every version; its settings came late to them. */
export interface DriverPool {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

/** What a runner needs of a `Client` of `pg`, one of its own and not checked out of a pool. */
export interface DriverClient {
  readonly host: string
  readonly port: number
  readonly user?: string | undefined
  readonly database?: string | undefined
  readonly release?: undefined
}
