#!/usr/bin/perl
# The primary dies under load and its standby takes over: smsd, which knows both by one connection string, goes on there.
# The standby is synchronous, so what was acknowledged to a gateway is there.  It dies at the worst moment: what is under way
# is committed on both servers, and smsd was not told.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

my $hall = Trouble::hall(up => 0);
my ($here, $there) = map { "$hall->{dir}/$_" } qw(pg standby);
my ($port, $port2) = ($hall->{base} + 5, $hall->{base} + 6);
my $bin = Trouble::pg_bin();

# smsd with both servers in its configuration.
my $conf = Hall::slurp("$Hall::ROOT/kannel-conf/smsd.yaml");
$conf =~ s/^(\s+conninfo:).*/$1 "dbname=hall user=smsd host=$here,$there port=$port,$port2 target_session_attrs=read-write connect_timeout=3"/m
	or die "no conninfo in smsd.yaml\n";
open my $out, '>', "$hall->{dir}/smsd.yaml" or die "$hall->{dir}/smsd.yaml: $!\n";
print $out Encode::encode('UTF-8', $conf);
close $out;
$hall->{env}{HALL_SMSD_CONF} = "$hall->{dir}/smsd.yaml";
$hall->up;
ok($hall->ready, 'the hall is ready, on the primary');

# The standby: a copy that follows, and that COMMIT waits for.
my $data = Trouble::pg_data($hall);
Trouble::as_pg($hall, 'sh', '-c', "echo 'local replication all trust' >>$data/pg_hba.conf");
$hall->sql('SELECT pg_reload_conf()');
mkdir $there, 0700 or die "$there: $!\n";
chown((getpwnam 'postgres')[2, 3], $there) if Trouble::is_root();
Trouble::as_pg($hall, "$bin/pg_basebackup", '-h', $here, '-p', $port, '-U', 'postgres', '-D', "$there/data", '-R', '-c', 'fast', '-X', 'stream');
# hall.conf, copied with it, names the primary's port and socket; the command line wins.
my $options = "-p $port2 -k $there -c synchronous_standby_names= -c cluster_name=standby";
Trouble::at_end(sub { eval { Trouble::as_pg($hall, "$bin/pg_ctl", 'stop', '-D', "$there/data", '-m', 'immediate', '-w', '-t', 20) } });
Trouble::as_pg($hall, "$bin/pg_ctl", 'start', '-D', "$there/data", '-w', '-t', 30, '-l', "$there/log", '-o', $options);
$hall->sql(q{ALTER SYSTEM SET synchronous_standby_names = '*'});
$hall->sql('SELECT pg_reload_conf()');
ok($hall->wait_until(10, sub { $hall->sql('SELECT sync_state FROM pg_stat_replication') eq 'sync' }), 'the standby follows, in step');

my $load = Trouble::load($hall, texts => Trouble::LONG ? 12000 : 2000, rate => 300);
$load->answered(500);
my $smsd = $hall->pid('smsd');
# From now on a COMMIT waits for a second standby, that there is not.
$hall->sql(q{ALTER SYSTEM SET synchronous_standby_names = '2 (*)'});
$hall->sql('SELECT pg_reload_conf()');
ok($hall->wait_until(10, sub { $hall->sql(q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'smsd'}) >= 2 }),
	'both connections, if not others as well, wait for the answer to their COMMIT');
ok($hall->wait_until(10, sub { $hall->sql('SELECT bool_and(flush_lsn = pg_current_wal_flush_lsn()) FROM pg_stat_replication') eq 't' }),
	'… which the standby has');
sleep 0.5;	# until the gateway has taken all earlier answers, so that nothing but these batches is open
$hall->kill('pg');
# It comes up once more at the end, to remove the shared memory that it left.
Trouble::at_end(sub { Trouble::as_pg($hall, "$bin/pg_ctl", $_->[0], '-D', $data, '-w', '-t', 30, @{$_->[1]})
	for ['start', ['-l', "$there/log.was", '-o', '-c synchronous_standby_names=']], ['stop', ['-m', 'fast']] });
my $killed = time;
Trouble::as_pg($hall, "$bin/pg_ctl", 'promote', '-D', "$there/data", '-w');
$load->lifted;
my $down = time - $killed;

# From now on what the test asks, it asks the new primary.
my $env = Hall::slurp("$hall->{dir}/env");
$env =~ s/^PGHOST='.*'$/PGHOST='$there'/m;
$env =~ s/^PGPORT='.*'$/PGPORT='$port2'/m;
open $out, '>', "$hall->{dir}/env" or die "$hall->{dir}/env: $!\n";
print $out $env;
close $out;
is(scalar $hall->sql('SHOW cluster_name'), 'standby', 'the standby is the primary now');
my $log = $load->finish(60);
Trouble::books($hall, 'db_failover', $log, more => [without_primary_s => $down]);
ok($hall->ready(10), 'the hall is ready, on the other server');
is($hall->pid('smsd'), $smsd, 'smsd lived through it');
is($hall->metrics->{smsd_db_up}, 5, 'with all its connections');
like($hall->answer('13800138000', 'YE'), qr/余额/, 'and answers');
done_testing;
