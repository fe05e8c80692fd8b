import { readFile } from 'node:fs/promises'

/**
 * Tells when a process started, as text that only a running process of that pid and boot has; null where the
 * system does not say (anything but Linux) or the process is gone. Field 22 of `/proc/PID/stat`, proc(5).
 *
 * @example await processStart(-1) // null
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The command's name is in parentheses and may contain anything.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return ticks === undefined ? null : `${boot.trim()}/${ticks}`
  } catch {
    return null
  }
}
