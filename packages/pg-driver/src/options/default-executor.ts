import { hostname, userInfo } from 'node:os'

/** Says who runs where nothing else was given: user and host. */
export function defaultExecutor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return hostname()
  }
}
