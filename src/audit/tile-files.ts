import type { Context } from '#platform/context.ts'
import { latestCheckpoint, leavesBetween, rows } from './store.ts'
import { entryBundle, tileNodes, tileWidth, tileWidthAt, type Tile } from './tiles.ts'

/** The bytes of a tile or entry bundle, or undefined when the signed log does not reach that far. */
export const readTile = async (ctx: Context, tile: Tile): Promise<Buffer | undefined> => {
  const size = (await latestCheckpoint(ctx))?.tree_size ?? 0
  if (tile.width > tileWidthAt(tile, size)) return undefined
  if (tile.level < 0) {
    const start = tile.index * tileWidth
    return entryBundle((await leavesBetween(ctx, start, start + tile.width)).map(({ leaf }) => leaf))
  }
  const { first, count } = tileNodes(tile)
  const found = await rows(ctx)
    .selectFrom('log_hash')
    .select('hash')
    .where('level', '=', first.level)
    .where('idx', '>=', first.index)
    .where('idx', '<', first.index + count)
    .orderBy('idx')
    .execute()
  return Buffer.concat(found.map(({ hash }) => hash))
}
