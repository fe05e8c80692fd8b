import { expect, test } from 'vitest'
import { judgeAncestor, judgeNamedFile, judgeOwnFile } from './folder-trust.ts'

const ROOT = 0
const ADA = 1000
const EVE = 1001

test.each([
  ['a folder of the same user', 0o40755, ADA, ADA, 'trusted'],
  ['a folder of root', 0o40755, ROOT, ADA, 'trusted'],
  ['a folder with umask 002', 0o40775, ADA, ADA, 'trusted'],
  ['a folder that a group shares', 0o42775, ROOT, ADA, 'trusted'],
  ['a bind mount of another user, whose folders are the same user’s', 0o40755, ADA, ADA, 'trusted'],
  ['a bind mount of another user, in a folder that root made', 0o40755, ADA, ROOT, 'refused'],
  ['/tmp', 0o41777, ROOT, ADA, 'passed'],
  ['/tmp, below which root works', 0o41777, ROOT, ROOT, 'passed'],
  ['a sticky folder of a user', 0o41777, EVE, ADA, 'refused'],
  ['a folder that everybody may write', 0o40777, ADA, ADA, 'refused'],
  ['a folder of root that everybody may write', 0o40777, ROOT, ADA, 'refused'],
  ['a folder of another user', 0o40755, EVE, ADA, 'refused'],
])('%s', (_, mode, uid, workingDirectory, trust) => {
  expect(judgeAncestor({ mode, uid }, { mode: 0o40755, uid: workingDirectory })).toBe(trust)
})

test.each([
  ['one’s own file in /tmp', ADA, 0o41777, ROOT, 'trusted'],
  ['a stranger’s file in /tmp', EVE, 0o41777, ROOT, 'refused'],
  ['a file of root in /tmp', ROOT, 0o41777, ROOT, 'trusted'],
  ['a stranger’s file in an open folder', EVE, 0o40777, ADA, 'refused'],
  ['a file of the folder’s owner', EVE, 0o40777, EVE, 'trusted'],
  ['any file in a folder that is not open', EVE, 0o40775, EVE, 'trusted'],
])('%s', (_, uid, mode, owner, trust) => {
  expect(judgeOwnFile({ mode: 0o100644, uid }, { mode, uid: owner }, ADA)).toBe(trust)
})

test.each([
  ['a named file of root in a folder of root', ROOT, 0o40755, ROOT, 'trusted'],
  ['a named file in a mounted folder that everybody may write', ROOT, 0o40777, ROOT, 'trusted'],
  ['a named file of one’s own in /tmp', ADA, 0o41777, ROOT, 'trusted'],
  ['a named file of a stranger in /tmp', EVE, 0o41777, ROOT, 'refused'],
  ['a named file of a stranger in her own folder', EVE, 0o40755, EVE, 'refused'],
  ['a named file that a colleague wrote into one’s own folder', EVE, 0o40775, ADA, 'trusted'],
])('%s', (_, uid, mode, owner, trust) => {
  const workingDirectory = { mode: 0o40755, uid: ADA }
  const found = { file: { mode: 0o100644, uid }, folder: { mode, uid: owner }, workingDirectory }
  expect(judgeNamedFile(found, ADA)).toBe(trust)
})
