import { existsSync, watch } from 'node:fs'

/** Editors write a file in several steps. */
const SETTLE_MS = 60
/** Where the folder cannot be watched, or is not there yet. */
const RETRY_MS = 500

/** Calls when something in a folder changes; a folder that goes and comes back is watched again. */
export function watchFolder(folder: string, onChange: () => void): { readonly close: () => void } {
  let settling: NodeJS.Timeout | undefined
  let stop = () => {}
  const changed = () => {
    clearTimeout(settling)
    settling = setTimeout(onChange, SETTLE_MS)
  }
  const beginLater = () => {
    const retry = setTimeout(() => {
      begin()
      changed()
    }, RETRY_MS)
    stop = () => clearTimeout(retry)
  }
  const begin = () => {
    try {
      const watcher = watch(folder, { recursive: true }, () => {
        changed()
        // Of a folder that is gone nothing more is heard, also when it comes back.
        if (existsSync(folder)) return
        watcher.close()
        beginLater()
      })
      stop = () => watcher.close()
      watcher.on('error', () => {
        watcher.close()
        beginLater()
      })
    } catch {
      beginLater()
    }
  }
  begin()
  return {
    close: () => {
      clearTimeout(settling)
      stop()
    },
  }
}
