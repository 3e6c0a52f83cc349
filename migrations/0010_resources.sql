-- What governs a resource beside its spec: its own classification, how much it matters, and on what it depends.
alter table resource
  add column rank int not null default 0, -- of its own classification; that of its scope is joined to it
  add column caveats text[] not null default '{}',
  add column criticality smallint check (criticality between 0 and 3), -- its own: 0 low, 1 medium, 2 high, 3 mission; null where nobody said
  add column depends_on text[] not null default '{}'; -- what was declared; resource_edge also holds what the kind knows
create index on resource using gin (labels jsonb_path_ops);

alter table resource_revision
  add column rank int not null default 0,
  add column caveats text[] not null default '{}',
  add column criticality smallint,
  add column depends_on text[] not null default '{}',
  add column reason text; -- why, in the words of whoever did it

-- Both without foreign keys: they are written last in a transaction, under one lock, and must then wait for no row of another's.
create table resource_edge (
  from_id text not null, -- what needs
  to_id text not null, -- what is needed
  relation text not null,
  primary key (from_id, to_id, relation)
);
create index on resource_edge (to_id);

create table resource_criticality (
  resource_id text primary key,
  effective smallint not null check (effective between 0 and 3) -- the highest of its own and of all that depend on it; no row means low
);
create index on resource_criticality (effective);
