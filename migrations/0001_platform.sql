-- What the platform keeps for itself. Jobs live in the schema graphile_worker, which its own library migrates.
create table site (
  id text primary key,
  created_at timestamptz not null default now()
);

create table time_floor (
  id int primary key check (id = 1),
  floor timestamptz not null
);
