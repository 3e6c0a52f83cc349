// One person, whatever they are permitted to do and in whatever order: they do not approve their own change, see above their clearance, or come to more rights.
// HOLDFAST_TEST_SEED repeats what a run printed. Two accounts in one hand are two people here: that is what passkeys and invitations by hand are for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acts, look, type Told } from './no-self-raise/acts.ts'
import { chance } from './chance.ts'
import { beyond, rightsOf, type Rights } from './no-self-raise/rights.ts'
import { api, marker, things, world, type Thing, type World } from './no-self-raise/world.ts'

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 2 ** 31)
const lives = Number(process.env['HOLDFAST_TEST_LIVES'] ?? 3)
const actsEach = 100

for (let life = 0; life < lives; life++)
  test(`whatever one person does, they raise nothing of their own (HOLDFAST_TEST_SEED=${seed + life} HOLDFAST_TEST_LIVES=1)`, async (t) => {
    const draw = chance(seed + life)
    const w = await world(t, draw)
    const begun = await begin(w)
    const told: string[] = [`given: ${w.given}`]
    let done = 0
    let seen = await look(w, w.person)
    for (let i = 0; i < actsEach; i++) {
      const { what, reply } = await draw.one(acts)(w, draw, seen)
      told.push(`${reply.status} ${what}`)
      const fault =
        seesTooMuch(what, reply) ??
        (reply.status < 300 && !what.startsWith('GET') ? await raised(w, begun, { what, reply }) : undefined)
      if (reply.status < 300 && !what.startsWith('GET')) {
        done++
        seen = await look(w, w.person)
      }
      assert.ok(reply.status !== 500, `${reply.text}\n${told.join('\n')}`)
      assert.equal(fault, undefined, told.join('\n'))
    }
    w.app.clock.advance(2 * 3_600_000) // what was given for an hour has ended
    assert.equal(await outlived(w, begun), undefined, told.join('\n'))
    t.diagnostic(`${w.given}: ${done} of ${actsEach} acts changed something`)
  })

type Begun = { readonly scopes: Thing[]; readonly rights: Rights; readonly governed: string[] }

const scopesIn = (all: readonly Thing[]) => all.filter(({ kind }) => kind === 'folder' || kind === 'project')
const governedIn = (all: readonly Thing[]) =>
  all.filter(({ kind, scope }) => kind === 'project' && scope === '/governed').map(({ id }) => id)

const begin = async (w: World): Promise<Begun> => {
  const all = await things(w.owner)
  const scopes = scopesIn(all)
  return { scopes, rights: await rightsOf(w.app.app.site, w.person.userId, scopes), governed: governedIn(all) }
}

/** Their own words come back to them; what they did not know does not come. */
const seesTooMuch = (what: string, { text }: Told['reply']): string | undefined =>
  text.includes(marker) && !what.includes(marker) ? `sees above their clearance: ${text.slice(0, 2000)}` : undefined

const raised = async (w: World, { scopes, rights, governed }: Begun, { what, reply }: Told): Promise<string | undefined> => {
  const { site } = w.app.app
  const all = await things(w.owner)
  const left = scopes.filter(({ id }) => all.some((thing) => thing.id === id))
  const now = await rightsOf(site, w.person.userId, left)
  const gained = beyond(now, rights)
  if (gained.length > 0) return `raised their own rights: ${gained.slice(0, 20).join(', ')}`
  const { body } = await w.owner.get(`${api}/change-sets`)
  const own = body.items.find(({ requester, state }: any) => (requester.id ?? requester) === w.person.userId && state === 'done')
  if (own) return `approved their own change: ${JSON.stringify(own)}`
  const alone = governedIn(all).filter((id) => !governed.includes(id))
  if (alone.length > 0) return `made alone what takes two: ${alone.join(', ')}`
  return unbecoming(w, what, reply, left)
}

/** More than the twin has left, when what was given to both for a time is over. */
const outlived = async (w: World, { scopes }: Begun): Promise<string | undefined> => {
  const { site } = w.app.app
  const all = await things(w.owner)
  const left = scopes.filter(({ id }) => all.some((thing) => thing.id === id))
  const more = beyond(await rightsOf(site, w.person.userId, left), await rightsOf(site, w.twin.userId, left))
  return more.length > 0 ? `kept rights beyond their end: ${more.slice(0, 20).join(', ')}` : undefined
}

/** A link that makes its holder someone else gives no more than its maker has. */
const unbecoming = async (w: World, what: string, { body }: Told['reply'], scopes: Thing[]): Promise<string | undefined> => {
  const invited = /^POST \/users\/(\w+)\/invite/.exec(what)?.[1]
  if (invited === undefined || body?.url === undefined || invited === w.person.userId) return undefined
  const { site } = w.app.app
  const more = beyond(await rightsOf(site, invited, scopes), await rightsOf(site, w.person.userId, scopes))
  return more.length > 0 ? `holds a link to become someone with more: ${more.slice(0, 20).join(', ')}` : undefined
}
