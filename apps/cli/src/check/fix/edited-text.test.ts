import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { normalizeText } from '@tidemark/core'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { editRaw, formatPatch } from './edited-text.ts'

const lines = fc.array(fc.constantFrom('-- a', '-- Depends on: [x]', '', '\tSELECT 1;', 'ü'), {
  maxLength: 8,
})

test('an edit keeps the BOM and the line ends of a file', () => {
  fc.assert(
    fc.property(lines, lines, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (old, now, end, mark) => {
      const write = (all: readonly string[], by: string) => all.map((line) => line + by).join('')
      const raw = (mark ? '\ufeff' : '') + write(old, end)
      const edited = editRaw(raw, write(old, '\n'), write(now, '\n'))
      expect(normalizeText(edited)).toBe(write(now, '\n'))
      expect(edited.startsWith('\ufeff')).toBe(mark)
      if (old.length > 0) expect(edited).toBe((mark ? '\ufeff' : '') + write(now, end))
    }),
  )
})

test.each([
  ['a file', 'a.sql', '1\n2\n3\n4\n5\n6\n7\n8\n', '1\n2\n3\n4\nx\n6\n7\n8\n'],
  ['a first line', 'migrations/a b.sql', '1\n2\n', '0\n1\n2\n'],
  ['line ends of Windows and a BOM', 'ü/a.sql', '\ufeff1\r\n2\r\n', '\ufeff0\r\n1\r\n2\r\n'],
  ['no line end at the end', 'a"b\\c.sql', '1\n2', '1\nx'],
  ['a line after one without end', 'a.sql', '1', '1\n2'],
])('git apply takes a patch of %s', async (_, path, before, after) => {
  const folder = await mkdtemp(join(tmpdir(), 'patch-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), before)
  const apply = (...args: readonly string[]) =>
    execFileSync('git', ['apply', ...args, '-'], { cwd: folder, input: formatPatch(path, { before, after }) })
  apply()
  expect(await readFile(join(folder, path), 'utf8')).toBe(after)
  apply('-R')
  expect(await readFile(join(folder, path), 'utf8')).toBe(before)
})
