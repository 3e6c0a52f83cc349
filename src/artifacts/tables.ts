// The tables of this room, and the few reads that everything here shares.
import type { Generated } from 'kysely'
import type { Context } from '#platform/context.ts'

export type PackageId = `package_${string}`
export type GenerationId = `generation_${string}`

/** What a stored file turned out to be when it was read again. */
export type Damage = 'missing' | 'different' | 'unreadable'

export type Tables = {
  artifact: {
    digest: string
    size_bytes: number
    created_by: string
    created_at: Date
    verified_at: Date | null
    damaged_at: Date | null
    damage: Damage | null
    condemned_at: Date | null
  }
  artifact_pin: { digest: string; holder: string; until: Date | null }
  artifact_package: { id: PackageId; repository_id: string; name: string; created_at: Date }
  artifact_link: { package_id: PackageId; digest: string; blob: string; size_bytes: number; linked_at: Date }
  artifact_manifest: {
    package_id: PackageId
    digest: string
    media_type: string
    artifact_type: string | null
    config_type: string | null
    subject: string | null
    annotations: Record<string, string> | null
    size_bytes: number
    content_bytes: number
    body: Buffer
    pushed_by: string
    pushed_at: Date
    untagged_at?: Date | null
  }
  artifact_reference: {
    package_id: PackageId
    manifest: string
    place: number
    digest: string
    role: 'config' | 'layer' | 'manifest'
    media_type: string
    size_bytes: number
    path: string | null
  }
  artifact_tag: { package_id: PackageId; name: string; digest: string; set_by: string; set_at: Date }
  artifact_upload: {
    id: string
    repository_id: string
    package: string
    actor: string
    received_bytes: number
    started_at: Date
    moved_at: Date
  }
  artifact_collection: {
    started_at: Date
    ended_at: Date
    actor: string
    uploads: number
    links: number
    condemned: number
    removed: number
    removed_bytes: number
  }
  artifact_scrub: { asked_at: Date; asked_by: string }
  artifact_usage: { repository_id: string; stripe: number; bytes: number; objects: number }
  artifact_generation: {
    id: GenerationId
    line: string
    number: number
    note: string | null
    statement: Buffer
    signature: Buffer
    made_by: string
    made_at: Date
  }
  artifact_generation_tag: { generation_id: GenerationId; package_id: PackageId; tag: string; digest: string }
  artifact_generation_switch: {
    id: Generated<number>
    line: string
    generation_id: GenerationId
    switched_by: string
    switched_at: Date
  }
  artifact_generation_live: { line: string; generation_id: GenerationId; switched_by: string; switched_at: Date }
  artifact_quota: { id: string; bytes_max: number; objects_max: number | null }
  artifact_hold: {
    id: string
    repository_id: string | null
    package: string | null
    tag: string | null
    digest: string | null
  }
  artifact_pull: { package_id: PackageId; digest: string; actor: string; count: number; first_at: Date; last_at: Date }
}

export const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<Tables>()
