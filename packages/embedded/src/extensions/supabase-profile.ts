/**
 * SQL that gives an empty database the layout of a Supabase project: its roles, grants and default
 * privileges, the schemas `auth`, `storage`, `realtime` and `extensions`, and the functions that policies
 * read the request with.
 *
 * Runs as a superuser on PostgreSQL 14 and newer, embedded or not, in one transaction or none. Nothing that
 * exists is replaced, altered or granted again, so a second time it changes nothing. `auth` is as Supabase
 * Auth's first migration finds it, and `auth.users` has the columns of its later migrations, which apply on
 * top.
 */
export const supabaseProfileSql: string = String.raw`-- The layout of a Supabase project, as plain SQL for any PostgreSQL from 14 on. Run it as a superuser.
-- Nothing that exists is replaced, altered or granted again: running it twice changes nothing.

-- Roles: attributes and settings are given only to those that are new.
do $profile$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('postgres', 'login createdb createrole replication bypassrls', null),
      ('supabase_admin', 'login superuser createdb createrole replication bypassrls', null),
      ('anon', 'nologin inherit', 'statement_timeout = ''3s'''),
      ('authenticated', 'nologin inherit', 'statement_timeout = ''8s'''),
      ('service_role', 'nologin inherit bypassrls', null),
      ('authenticator', 'login noinherit', 'statement_timeout = ''8s'''),
      ('supabase_auth_admin', 'login noinherit createrole noreplication', 'idle_in_transaction_session_timeout = 60000'),
      ('supabase_storage_admin', 'login noinherit createrole noreplication', null),
      ('supabase_realtime_admin', 'nologin noinherit noreplication', null),
      ('dashboard_user', 'nologin createdb createrole replication', null)
    ) as role (name, attributes, setting)
    where to_regrole(name) is null
  loop
    begin
      execute format('create role %I %s', wanted.name, wanted.attributes);
      if wanted.setting is not null then
        execute format('alter role %I set %s', wanted.name, wanted.setting);
      end if;
    exception
      when duplicate_object or unique_violation then null; -- made for another database of this server just now
    end;
  end loop;
end
$profile$;

-- Memberships
do $profile$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('anon', 'authenticator'), ('authenticated', 'authenticator'), ('service_role', 'authenticator'),
      ('anon', 'postgres'), ('authenticated', 'postgres'), ('service_role', 'postgres'),
      ('pg_monitor', 'postgres'), ('pg_read_all_data', 'postgres'), ('pg_signal_backend', 'postgres')
    ) as membership (granted, member)
    where not exists (
      select from pg_auth_members
      where roleid = to_regrole(granted) and pg_auth_members.member = to_regrole(membership.member)
    )
  loop
    begin
      execute format('grant %I to %I', wanted.granted, wanted.member);
    exception
      when unique_violation then null; -- granted from another database of this server just now
    end;
  end loop;
end
$profile$;

-- Search paths: for this database alone, and only where a role has none yet.
do $profile$
declare
  wanted record;
begin
  for wanted in
    select distinct on (name) *
    from (values
      ('postgres', '"$user", public, extensions'),
      (current_user, '"$user", public, extensions'),
      ('supabase_admin', '"$user", public, auth, extensions'),
      ('supabase_auth_admin', 'auth'),
      ('supabase_storage_admin', 'storage')
    ) as role (name, path)
    where not exists (
      select from pg_db_role_setting, unnest(setconfig) as setting
      where setrole = to_regrole(quote_ident(name))
        and setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and setting like 'search\_path=%'
    )
  loop
    execute format(
      'alter role %I in database %I set search_path = %s', wanted.name, current_database(), wanted.path
    );
  end loop;
end
$profile$;

do $profile$
begin
  if to_regnamespace('auth') is null then
    execute format('grant all on database %I to postgres, dashboard_user', current_database());
    execute format(
      'grant create on database %I to supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin',
      current_database()
    );
  end if;
end
$profile$;

-- public: what is created there is open to the API roles; row level security is what closes it.
do $profile$
declare
  creator text;
  kind text;
begin
  if to_regnamespace('auth') is not null then
    return;
  end if;
  grant usage on schema public to postgres, anon, authenticated, service_role;
  grant create on schema public to postgres;
  foreach creator in array array['postgres', 'supabase_admin', current_user::text] loop
    foreach kind in array array['tables', 'functions', 'sequences'] loop
      execute format(
        'alter default privileges for role %I in schema public grant all on %s to postgres, anon, authenticated, service_role',
        creator, kind
      );
    end loop;
  end loop;
end
$profile$;

-- extensions
do $profile$
begin
  if to_regnamespace('extensions') is null then
    create schema extensions;
    grant usage on schema extensions to anon, authenticated, service_role;
    grant all on schema extensions to postgres, dashboard_user;
  end if;
end
$profile$;

-- What extensions of the platform are created in.
create schema if not exists graphql;
create schema if not exists vault;

create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pgcrypto with schema extensions;

-- auth
do $profile$
begin
  if to_regnamespace('auth') is not null then
    return;
  end if;
  create schema auth authorization supabase_admin;
  grant usage on schema auth to anon, authenticated, service_role;
  grant all on schema auth to postgres, supabase_auth_admin, dashboard_user;
  alter default privileges for role supabase_auth_admin in schema auth grant all on tables to postgres, dashboard_user;
  alter default privileges for role supabase_auth_admin in schema auth grant all on functions to postgres, dashboard_user;
  alter default privileges for role supabase_auth_admin in schema auth grant all on sequences to postgres, dashboard_user;

  create table auth.users (
    instance_id uuid,
    id uuid not null unique,
    aud varchar(255),
    role varchar(255),
    email varchar(255) unique,
    encrypted_password varchar(255),
    email_confirmed_at timestamptz,
    invited_at timestamptz,
    confirmation_token varchar(255),
    confirmation_sent_at timestamptz,
    recovery_token varchar(255),
    recovery_sent_at timestamptz,
    email_change_token_new varchar(255),
    email_change varchar(255),
    email_change_sent_at timestamptz,
    last_sign_in_at timestamptz,
    raw_app_meta_data jsonb,
    raw_user_meta_data jsonb,
    is_super_admin boolean,
    created_at timestamptz,
    updated_at timestamptz,
    phone text unique default null,
    phone_confirmed_at timestamptz,
    phone_change text default '',
    phone_change_token varchar(255) default '',
    phone_change_sent_at timestamptz,
    confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current varchar(255) default '',
    email_change_confirm_status smallint default 0
      check (email_change_confirm_status >= 0 and email_change_confirm_status <= 2),
    banned_until timestamptz,
    reauthentication_token varchar(255) default '',
    reauthentication_sent_at timestamptz,
    is_sso_user boolean not null default false,
    deleted_at timestamptz,
    is_anonymous boolean not null default false,
    constraint users_pkey primary key (id)
  );
  create index users_instance_id_email_idx on auth.users (instance_id, email);
  create index users_instance_id_idx on auth.users (instance_id);
  comment on table auth.users is 'Auth: Stores user login data within a secure schema.';

  create table auth.refresh_tokens (
    instance_id uuid,
    id bigserial,
    token varchar(255),
    user_id varchar(255),
    revoked boolean,
    created_at timestamptz,
    updated_at timestamptz,
    constraint refresh_tokens_pkey primary key (id)
  );
  create index refresh_tokens_instance_id_idx on auth.refresh_tokens (instance_id);
  create index refresh_tokens_instance_id_user_id_idx on auth.refresh_tokens (instance_id, user_id);
  create index refresh_tokens_token_idx on auth.refresh_tokens (token);
  comment on table auth.refresh_tokens is 'Auth: Store of tokens used to refresh JWT tokens once they expire.';

  create table auth.instances (
    id uuid,
    uuid uuid,
    raw_base_config text,
    created_at timestamptz,
    updated_at timestamptz,
    constraint instances_pkey primary key (id)
  );
  comment on table auth.instances is 'Auth: Manages users across multiple sites.';

  create table auth.audit_log_entries (
    instance_id uuid,
    id uuid,
    payload json,
    created_at timestamptz,
    constraint audit_log_entries_pkey primary key (id)
  );
  create index audit_logs_instance_id_idx on auth.audit_log_entries (instance_id);
  comment on table auth.audit_log_entries is 'Auth: Audit trail for user actions.';

  create table auth.schema_migrations (
    version varchar(255),
    constraint schema_migrations_pkey primary key (version)
  );
  comment on table auth.schema_migrations is 'Auth: Manages updates to the auth system.';

  -- The request, as PostgREST passes it: request.jwt.claims, and one setting per claim before its version 9.
  create function auth.uid() returns uuid language sql stable as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.sub', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
  $$;
  create function auth.role() returns text language sql stable as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.role', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
  $$;
  create function auth.email() returns text language sql stable as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.email', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
  $$;
  create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
  $$;

  alter table auth.users owner to supabase_auth_admin;
  alter table auth.refresh_tokens owner to supabase_auth_admin;
  alter table auth.instances owner to supabase_auth_admin;
  alter table auth.audit_log_entries owner to supabase_auth_admin;
  alter table auth.schema_migrations owner to supabase_auth_admin;
  alter function auth.uid() owner to supabase_auth_admin;
  alter function auth.role() owner to supabase_auth_admin;
  alter function auth.email() owner to supabase_auth_admin;
  alter function auth.jwt() owner to supabase_auth_admin;
  grant all on all tables in schema auth to postgres, dashboard_user;
  grant all on all sequences in schema auth to postgres, dashboard_user;
  grant all on all routines in schema auth to postgres, dashboard_user;
end
$profile$;

-- storage
do $profile$
declare
  kind text;
begin
  if to_regnamespace('storage') is not null then
    return;
  end if;
  create schema storage authorization supabase_admin;
  grant usage on schema storage to anon, authenticated, service_role;
  grant all on schema storage to postgres, dashboard_user;
  grant all on schema storage to supabase_storage_admin with grant option;
  foreach kind in array array['tables', 'functions', 'sequences'] loop
    execute format(
      'alter default privileges for role supabase_storage_admin in schema storage grant all on %s to postgres, anon, authenticated, service_role',
      kind
    );
  end loop;

  create table storage.buckets (
    id text primary key,
    name text not null,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    public boolean default false,
    avif_autodetection boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[],
    owner_id text
  );
  create unique index bname on storage.buckets (name);
  comment on column storage.buckets.owner is 'Field is deprecated, use owner_id instead';

  create table storage.objects (
    id uuid primary key default gen_random_uuid(),
    bucket_id text constraint "objects_bucketId_fkey" references storage.buckets (id),
    name text,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(),
    metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text,
    owner_id text,
    user_metadata jsonb
  );
  create unique index bucketid_objname on storage.objects (bucket_id, name);
  create index name_prefix_search on storage.objects (name text_pattern_ops);
  comment on column storage.objects.owner is 'Field is deprecated, use owner_id instead';

  create function storage.foldername(name text) returns text[] language sql immutable as $$
    select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1]
  $$;
  create function storage.filename(name text) returns text language sql immutable as $$
    select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]
  $$;
  create function storage.extension(name text) returns text language sql immutable as $$
    select reverse(split_part(reverse((string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]), '.', 1))
  $$;
  create function storage.update_updated_at_column() returns trigger language plpgsql as $$
  begin
    new.updated_at = now();
    return new;
  end
  $$;
  create trigger update_objects_updated_at before update on storage.objects
    for each row execute function storage.update_updated_at_column();

  alter table storage.buckets enable row level security;
  alter table storage.objects enable row level security;
  alter table storage.buckets owner to supabase_storage_admin;
  alter table storage.objects owner to supabase_storage_admin;
  alter function storage.foldername(text) owner to supabase_storage_admin;
  alter function storage.filename(text) owner to supabase_storage_admin;
  alter function storage.extension(text) owner to supabase_storage_admin;
  alter function storage.update_updated_at_column() owner to supabase_storage_admin;
  grant all on all tables in schema storage to postgres, anon, authenticated, service_role;
  grant all on all routines in schema storage to postgres, anon, authenticated, service_role, dashboard_user;
end
$profile$;

-- realtime
do $profile$
begin
  if to_regnamespace('realtime') is not null then
    return;
  end if;
  create schema realtime authorization supabase_admin;
  grant usage on schema realtime to postgres, anon, authenticated, service_role;
  grant all on schema realtime to supabase_realtime_admin;

  create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp default now() not null,
    inserted_at timestamp default now() not null,
    id uuid default gen_random_uuid() not null,
    primary key (id, inserted_at)
  ) partition by range (inserted_at);
  alter table realtime.messages enable row level security;
  create function realtime.topic() returns text language sql stable as $$
    select nullif(current_setting('realtime.topic', true), '')
  $$;
  alter table realtime.messages owner to supabase_realtime_admin;
  alter function realtime.topic() owner to supabase_realtime_admin;
  grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    perform set_config('client_min_messages', 'error', true); -- it warns where wal_level is not logical
    create publication supabase_realtime;
  end if;
end
$profile$;
`
