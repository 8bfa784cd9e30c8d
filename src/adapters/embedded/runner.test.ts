import { describe, expect, it } from 'vitest'
import { chooseRunner, commandFor, dataOwner, standIn } from './runner.ts'

const nobody = { name: 'nobody', uid: 65534, gid: 65533 }

describe('how PostgreSQL is started', () => {
  it('is plain for an ordinary user, whatever else would work', () => {
    expect(chooseRunner({ uid: 1001, hasName: true, canUnshare: true, user: nobody })).toEqual({ kind: 'plain' })
  })

  it('is a user namespace for root where that works', () => {
    const chosen = chooseRunner({ uid: 0, hasName: true, canUnshare: true, user: nobody })
    expect(chosen).toEqual({ kind: 'namespace', user: nobody })
  })

  it('is another user for root where namespaces are forbidden', () => {
    const chosen = chooseRunner({ uid: 0, hasName: true, canUnshare: false, user: nobody })
    expect(chosen).toEqual({ kind: 'other-user', user: nobody })
  })

  it('is a user namespace for a user without a name, as initdb insists on one', () => {
    const chosen = chooseRunner({ uid: 12_345, hasName: false, canUnshare: true, user: nobody })
    expect(chosen).toEqual({ kind: 'namespace', user: nobody })
  })

  it('says why when a nameless user may not make a namespace, or the system has no user but root', () => {
    expect(chooseRunner({ uid: 12_345, hasName: false, canUnshare: false, user: nobody })).toEqual({
      kind: 'none',
      reason: 'user 12345 has no name and user namespaces are forbidden here',
    })
    expect(chooseRunner({ uid: 0, hasName: true, canUnshare: true, user: undefined })).toMatchObject({ kind: 'none' })
  })

  it('keeps the program itself as the process in every way, so that its pid is the one spawned', () => {
    expect(commandFor({ kind: 'plain' }, '/bin/pg', ['-D', 'x'])).toEqual(['/bin/pg', ['-D', 'x']])
    expect(commandFor({ kind: 'other-user', user: nobody }, '/bin/pg', [])).toEqual(['/bin/pg', []])
    expect(commandFor({ kind: 'namespace', user: nobody }, '/bin/pg', ['-D', 'x'])).toEqual([
      'unshare',
      ['--user', '--map-user=65534', '--map-group=65533', '/bin/pg', '-D', 'x'],
    ])
  })
})

describe('the owner of the data', () => {
  it('is the user that the server has, as seen from outside a namespace', () => {
    expect(dataOwner({ kind: 'other-user', user: nobody }, 0)).toEqual({ uid: 65534, gid: 65533 })
    expect(dataOwner({ kind: 'namespace', user: nobody }, 0)).toEqual({ uid: 0, gid: 0 })
  })

  it('is left alone for who could not change it', () => {
    expect(dataOwner({ kind: 'plain' }, 1001)).toBeUndefined()
    expect(dataOwner({ kind: 'namespace', user: nobody }, 12_345)).toBeUndefined()
  })
})

describe('the user to stand in for root', () => {
  it('is nobody where there is one, wherever it is listed', () => {
    const passwd = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:\nnobody:x:65534:65533::/:\nanna:x:1000:1000::/:'
    expect(standIn(passwd)).toEqual(nobody)
  })

  it('is daemon, and then any other, on a system without', () => {
    expect(standIn('root:x:0:0::/:\nanna:x:1000:1000::/:\ndaemon:x:1:1::/:')?.name).toBe('daemon')
    expect(standIn('root:x:0:0::/:\nanna:x:1000:1000::/:')?.name).toBe('anna')
  })

  it('is never root by another name, a negative number or a broken line', () => {
    expect(standIn('root:x:0:0::/:\ntoor:x:0:0::/:\nnobody:*:-2:-2::/:\n\n# comment')).toBeUndefined()
  })
})
