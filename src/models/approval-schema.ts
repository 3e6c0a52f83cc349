import { Type, type Static } from 'typebox'

export const ModelApproval = Type.Object({
  by: Type.String({ description: 'Id of who approved' }),
  at: Type.String({ format: 'date-time' }),
  digest: Type.String({ description: 'Of the weights that were approved' }),
  reason: Type.Optional(Type.String()),
})
export type ModelApproval = Static<typeof ModelApproval>
