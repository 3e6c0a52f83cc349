-- Upkeep of the store: what was found damaged and how, rounds of collection, and reading everything again.
alter table artifact
  add column damage text check (damage in ('missing', 'different', 'unreadable')),
  add constraint artifact_damage_has_a_time check ((damage is null) = (damaged_at is null));
create index on artifact (verified_at nulls first) where damaged_at is null and condemned_at is null;
create index on artifact (condemned_at) where condemned_at is not null;
create index on artifact (damaged_at) where damaged_at is not null;
create index on artifact_link (linked_at);

create table artifact_collection (
  started_at timestamptz primary key,
  ended_at timestamptz not null,
  actor text not null,
  uploads int not null,
  links int not null,
  condemned int not null,
  removed int not null,
  removed_bytes bigint not null
);

-- Everything that was last read before the newest of these is read again.
create table artifact_scrub (
  asked_at timestamptz primary key,
  asked_by text not null
);
