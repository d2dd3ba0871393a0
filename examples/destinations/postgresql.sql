-- postgresql.sql: what firewatch keeps in PostgreSQL (N19), and views for panels (N22). Once, in a database of its own:
--
--   createdb firewatch && psql -d firewatch -v ON_ERROR_STOP=1 -f postgresql.sql
--
-- rsyslogd may call two functions and nothing else: whoever takes over the log server reads no history and erases none.
-- Both take anything. What cannot be stored goes to firewatch.refused with the reason, because for ompgsql a statement
-- that fails is one that is tried again, and takes along what stands before it.

create schema firewatch;

-- What is inside, for views that ask for it. Say here what the policy says.
create table firewatch.home (network inet primary key);
insert into firewatch.home values
    ('10.0.0.0/8'), ('172.16.0.0/12'), ('192.168.0.0/16'), ('100.64.0.0/10'), ('fc00::/7'), ('fe80::/10');

create function firewatch.is_home(address inet) returns boolean language sql stable as
    $$ select exists (select from firewatch.home where address <<= network) $$;

-- --- findings ------------------------------------------------------------------------------------------------------

-- Every document: findings as they opened, changed and closed, summaries and health. `digest` makes one that is sent
-- again be there once.
create table firewatch.document (
    digest      text primary key,
    time        timestamptz not null,
    dataset     text not null,
    action      text not null,
    finding     text,
    sequence    bigint,
    rule        text,
    class       text,
    severity    int,
    risk        int,
    source      inet,
    destination inet,
    port        int,
    transport   text,
    sentence    text,
    document    jsonb not null
);
create index on firewatch.document (time);
create index on firewatch.document (finding, sequence desc);
create index on firewatch.document (source, time);

create table firewatch.refused (time timestamptz not null default now(), reason text, content text);

create function firewatch.take_finding(content text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    d jsonb;
begin
    d := content::jsonb;
    insert into firewatch.document values (
        md5(content), (d->>'@timestamp')::timestamptz, d#>>'{event,dataset}', d#>>'{event,action}', d#>>'{event,id}',
        (d#>>'{event,sequence}')::bigint, d#>>'{rule,id}', d#>>'{firewatch,class}', (d#>>'{event,severity}')::int,
        (d#>>'{event,risk_score}')::int, (d#>>'{source,ip}')::inet, (d#>>'{destination,ip}')::inet,
        (d#>>'{destination,port}')::int, d#>>'{network,transport}', d#>>'{event,reason}', d)
    on conflict do nothing;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    insert into firewatch.refused (reason, content) values (sqlerrm, content);
end $$;

-- --- events --------------------------------------------------------------------------------------------------------

-- One row a line that was understood; the names are those of doc/fields.md. `line` is rsyslog's own number of the message:
-- after a broken connection a whole batch is sent again, and each is there once. Keep what you need, for instance a month:
--   delete from firewatch.event where time < now() - interval '31 days';
create table firewatch.event (
    line      uuid primary key,
    time      timestamptz not null,
    kind      text not null,
    src       inet,
    dst       inet,
    sport     int,
    dport     int,
    proto     int,
    action    text,
    duration  bigint,
    sent      bigint,
    rcvd      bigint,
    bytes     bigint,
    app       text,
    "user"    text,
    outcome   text,
    method    text,
    url       text,
    host      text,
    status    int,
    mime      text,
    agent     text,
    query     text,
    sender    text,
    recipient text,
    signature text,
    severity  bigint,
    rule      text,
    reason    text,
    sensor    text,
    vendor    text,
    product   text
);
create index on firewatch.event (time);
create index on firewatch.event (src, time);
create index on firewatch.event (kind, time);

create function firewatch.take_event(line text, content text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into firewatch.event
        select * from jsonb_populate_record(null::firewatch.event, content::jsonb || jsonb_build_object('line', line))
    on conflict do nothing;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    insert into firewatch.refused (reason, content) values (sqlerrm, content);
end $$;

-- --- who may ---------------------------------------------------------------------------------------------------------

do $$
begin
    if not exists (select from pg_roles where rolname = 'firewatch_writer') then
        create role firewatch_writer login; -- give it a password: \password firewatch_writer
    end if;
end $$;
revoke all on function firewatch.take_finding(text), firewatch.take_event(text, text) from public;
grant usage on schema firewatch to firewatch_writer;
grant execute on function firewatch.take_finding(text), firewatch.take_event(text, text) to firewatch_writer;

-- --- views: findings -----------------------------------------------------------------------------------------------

-- The last word on each finding.
create view firewatch.finding as
    select distinct on (finding) finding, rule, class, document#>>'{firewatch,finding,state}' as state, severity, risk,
           source, destination, port, transport, (document#>>'{event,start}')::timestamptz as since, time as changed,
           sentence, document#>>'{firewatch,next_step}' as next_step, document
    from firewatch.document
    where dataset = 'firewatch.finding'
    order by finding, sequence desc, time desc;

-- Machines inside with a threat that is open, or was within a day of the newest document.
create view firewatch.suspected_infections as
    select source, max(risk) as risk, bool_or(state = 'open') as still_open, array_agg(distinct rule) as rules,
           min(since) as since, max(changed) as changed
    from firewatch.finding
    where class = 'threat' and firewatch.is_home(source)
      and (state = 'open' or changed > (select max(time) from firewatch.document) - interval '1 day')
    group by source;

-- --- views: the last day of events. "Last" is that of the newest event, so an old log can be looked at as well. ---------

create view firewatch.recent as
    select * from firewatch.event where time > (select max(time) from firewatch.event) - interval '1 day';

-- Ports by how many others use them. The unusual ones come first: `where others < 3 limit 50`.
create view firewatch.unusual_ports as
    select action, src as source, proto, dport as port, count(*) as count,
           u.users - 1 as others, min(time) as first, max(time) as last
    from firewatch.recent
    join (select action, proto, dport, count(distinct src) as users from firewatch.recent
          where kind like 'flow%' and firewatch.is_home(src) group by 1, 2, 3) u using (action, proto, dport)
    where kind like 'flow%' and firewatch.is_home(src)
    group by action, src, proto, dport, u.users
    order by u.users, count(*);
create view firewatch.unusual_ports_passed as
    select source, proto, port, count, others, first, last from firewatch.unusual_ports where action = 'allow';
create view firewatch.unusual_ports_denied as
    select source, proto, port, count, others, first, last from firewatch.unusual_ports where action = 'deny';

-- Web sessions of an hour and more.
create view firewatch.http_tunnels as
    select src as source, dport as port, coalesce(host, host(dst)) as destination,
           make_interval(secs => duration / 1000.0) as duration, coalesce(bytes, sent + rcvd) as bytes, time as ended
    from firewatch.recent
    where duration >= 3600000
      and (kind = 'http' or kind = 'flow_end' and dport in (80, 443, 3128, 8000, 8080, 8443) and action = 'allow')
    order by duration desc;

-- Log-ins, the VPN's and others': `where app = 'vpn'`, where the device says so.
create view firewatch.logins as
    select time, "user", src as source, outcome, app, sensor as device, reason from firewatch.recent where kind = 'auth'
    order by time desc;
create view firewatch.vpn_logins as
    select time, "user", source, outcome, device, reason from firewatch.logins where app is distinct from 'ssh';

-- Messengers by their registered ports (IANA) and the names of their servers. Add those of your users.
create table firewatch.messenger (service text not null, port int, host text, check (num_nonnulls(port, host) = 1));
insert into firewatch.messenger values
    ('XMPP', 5222, null), ('XMPP', 5223, null), ('ICQ, AIM', 5190, null), ('MSN', 1863, null), ('Yahoo', 5050, null),
    ('IRC', 6667, null), ('IRC', 6697, null), ('WhatsApp', null, '%.whatsapp.net'), ('Telegram', null, '%.telegram.org'),
    ('Signal', null, '%.signal.org'), ('Discord', null, '%.discord.com'), ('Slack', null, '%.slack.com');
create view firewatch.im_users as
    select src as source, "user", service, count(*) as sessions, max(time) as last
    from firewatch.recent join firewatch.messenger on dport = port or recent.host like messenger.host
    where kind in ('flow_start', 'flow_end', 'http') and action is distinct from 'deny'
    group by src, "user", service order by max(time) desc;

-- Skype asks its maker for the newest version, through the proxy.
create view firewatch.skype_users as
    select src as source, "user", substring(url from '[?&]ver=([0-9.]+)') as version, count(*) as asked, max(time) as last
    from firewatch.recent where kind = 'http' and url like '%/ui/%/getlatestversion?ver=%'
    group by 1, 2, 3 order by max(time) desc;

-- Programs by the end of the path or by what the server calls them.
create view firewatch.executable_downloads as
    select time, src as source, "user", coalesce(host, host(dst)) as destination, url, mime, rcvd as bytes
    from firewatch.recent
    where kind = 'http' and (status is null or status < 300)
      and (split_part(url, '?', 1) ~* '\.(exe|dll|msi|scr|com|cpl|pif|bat|cmd|ps1|vbs|hta|jar|apk|dmg|pkg|iso)$'
           or mime in ('application/x-msdownload', 'application/x-dosexec', 'application/x-msi',
                       'application/vnd.microsoft.portable-executable', 'application/java-archive'))
    order by time desc;

create view firewatch.denials_from_outside as
    select src as source, proto, dport as port, count(*) as count, count(distinct dst) as targets, max(time) as last
    from firewatch.recent where kind = 'flow_deny' and not firewatch.is_home(src)
    group by 1, 2, 3 order by count(*) desc;

create view firewatch.traffic as
    select date_trunc('hour', time) as hour, proto, dport as port, count(*) filter (where kind <> 'flow_deny') as passed,
           count(*) filter (where kind = 'flow_deny') as denied, count(distinct src) as sources,
           sum(coalesce(bytes, coalesce(sent, 0) + coalesce(rcvd, 0))) as bytes
    from firewatch.recent where kind like 'flow%' and kind <> 'flow_start'
    group by 1, 2, 3 order by 1 desc, 4 desc;
