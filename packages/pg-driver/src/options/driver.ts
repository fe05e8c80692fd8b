/** What a runner needs of a `Pool` of `pg`: the settings that it was made with. */
export interface DriverPool {
  readonly options: object
  readonly totalCount: number
  readonly idleCount: number
}

/** What a runner needs of a `Client` of `pg`, one of its own and not checked out of a pool. */
export interface DriverClient {
  readonly host: string
  readonly port: number
  readonly user?: string | undefined
  readonly database?: string | undefined
  readonly release?: undefined
}
