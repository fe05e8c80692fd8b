/**
 * Names the runtime as Node does from version 21 on. `pg` looks there whether it runs on Cloudflare; where it
 * finds nothing it asks `Response` instead, which makes Node 20 load its whole HTTP client.
 */
export function nameRuntime(): void {
  if ('navigator' in globalThis) return
  Object.defineProperty(globalThis, 'navigator', {
    value: { userAgent: `Node.js/${process.versions.node.split('.')[0]}` },
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
