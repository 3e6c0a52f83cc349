-- How many things were found alike: by place, kind and label, so that each is told of what they may see; by version and age, so that what is stale is seen to be.
-- Kept in the statements that write what was judged.
create table compliance_pattern (
  id int generated always as identity primary key,
  digest text not null unique, -- of what follows
  state text,
  compliant int[] not null, -- rules
  found int[] not null, -- rules with a finding,
  states text[] not null -- and what each of them is
);

create table compliance_tally (
  scope_id text not null,
  kind text not null,
  rank int not null,
  caveats text[] not null,
  version text not null,
  fresh_hour timestamptz not null, -- begins it: within it they become too old
  pattern_id int not null,
  things int not null,
  oldest timestamptz not null, -- none of them was judged before
  primary key (scope_id, kind, rank, caveats, version, fresh_hour, pattern_id)
) with (fillfactor = 70);

-- Null: judged before this was kept, and counted one by one until it is judged again.
alter table compliance_subject add column pattern_id int;
create index on compliance_subject (id) where pattern_id is null;
create index on compliance_subject (kind);
