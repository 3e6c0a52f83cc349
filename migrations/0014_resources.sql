-- Lists and searches go from the places one may look into to what lies there, and need no more of a row than this to decide, sort and cut a page.
drop index resource_governing_scope_id_kind_idx;
create index on resource (governing_scope_id, kind, name, id) include (rank, caveats, owner, created_at, updated_at);
-- For who may look everywhere: the first of all kinds, and the newest.
create index on resource (name, id);
create index on resource (updated_at, id);

-- The scopes at or below any of many places.
create function policy_below(places text[]) returns table (id text, effective_rank int, effective_caveats text[])
  language sql stable rows 200 set enable_seqscan = off
  begin atomic
    select policy_scope.id, policy_scope.effective_rank, policy_scope.effective_caveats from policy_scope where ancestors && places;
  end;
