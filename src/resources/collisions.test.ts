import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { testApp, type Caller, type Reply } from '../../test/app.ts'

const names = ['a', 'b', 'c', 'd']
const atOnce = 14

type Act = { verb: 'folder' | 'project' | 'move' | 'delete'; name: string; scope: number; which: number }
const act: fc.Arbitrary<Act> = fc.record({
  verb: fc.constantFrom('folder', 'folder', 'project', 'move', 'move', 'delete'),
  name: fc.constantFrom(...names),
  scope: fc.nat(40),
  which: fc.nat(40),
})

const perform = (
  owner: Caller,
  { verb, name, scope, which }: Act,
  known: { ids: string[]; places: string[] },
): Promise<Reply> => {
  const place = known.places[scope % known.places.length]!
  const id = known.ids[which % Math.max(1, known.ids.length)] ?? 'none'
  switch (verb) {
    case 'folder':
    case 'project':
      return owner.put(`/api/v1/${verb}s`, { name, scope: place, spec: { title: `${which}` } })
    case 'move':
      return owner.post(`/api/v1/folders/${id}/move`, { scope: place })
    case 'delete':
      return owner.delete(`/api/v1/folders/${id}`)
  }
}

test('however makings, moves and removals collide, each is done or refused, and the tree stays a tree', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { db } = app.app.site
  const seen = new Map<number, number>()

  const collide = async (acts: Act[]) => {
    const { body } = await owner.get('/api/v1/folders?limit=200')
    const ids = body.items.map(({ id }: { id: string }) => id)
    const replies = await Promise.all(acts.map((one) => perform(owner, one, { ids, places: ['/', ...ids] })))
    for (const { status, text } of replies) {
      seen.set(status, (seen.get(status) ?? 0) + 1)
      assert.ok(status < 500, text)
    }
    const { rows: broken } = await sql`
      select scope.id from policy_scope scope join policy_scope above on above.id = scope.parent_id
      where scope.path <> case when above.path = '/' then '' else above.path end || '/' || scope.name or scope.ancestors <> array[scope.id] || above.ancestors
      union select resource.id from resource left join policy_scope scope on scope.id = resource.id
      where resource.kind in ('folder', 'project') and (scope.id is null or scope.parent_id <> resource.scope_id or scope.name <> resource.name)
      union select id from policy_scope where parent_id is not null and id not in (select id from resource)`.execute(db)
    assert.deepEqual(broken, [])
  }
  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: atOnce, maxLength: atOnce }), collide), {
    numRuns: 25,
    endOnFailure: true,
  })

  for (const status of [200, 201, 204, 409]) assert.ok(seen.has(status), `${status} never happened: the test no longer collides`)
})
