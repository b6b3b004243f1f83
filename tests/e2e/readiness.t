#!/usr/bin/perl
# /healthz, /readyz, /metrics, smsctl doctor and trace, hall status: what they say of a healthy hall and of a broken one.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my ($status, $body) = $hall->http('/healthz');
is($status, 200, '/healthz');
($status, $body) = $hall->http('/readyz');
like($body, qr/"ready": ?true/, '/readyz says so in JSON');
like($body, qr/"table_version": ?[1-9]/, '… with the version of the tables');
is(($hall->http('/nothing'))[0], 404, 'another page is not found');

ok(length $hall->answer('13800138000', 'YE'), 'a text is answered');
my $m = $hall->metrics;
is($m->{smsd_mo_total}, 1, 'one text in');
is($m->{smsd_mo_done_total}, 1, '… done');
is($m->{smsd_mt_total}, 1, 'one message out');
is($m->{smsd_in_flight}, 0, 'nothing under way');
is($m->{smsd_box_up}, 2, 'one gateway, by its two connections: answers, and what nobody asked for');
cmp_ok($m->{smsd_db_up}, '>=', 1, 'database connections');
is($m->{smsd_answer_seconds_count}, 1, 'one answering time');
my @command = grep { /^smsd_command_total\{/ } keys %$m;
is(scalar @command, 1, 'one command counted') or diag(explain $m);
($status, $body) = $hall->http('/metrics');
for my $name (keys %$m) {
	(my $family = $name) =~ s/\{.*//;
	$family =~ s/_(?:bucket|sum|count)$// unless $body =~ /^# TYPE \Q$family\E /m;
	like($body, qr/^# TYPE \Q$family\E (?:counter|gauge|histogram)$/m, "$family has a TYPE") if $body !~ /^# TYPE \Q$family\E /m;
}

my ($rc, $out, $err) = $hall->smsctl('doctor');
is($rc, 0, 'the doctor finds nothing wrong') or diag($out, $err);
unlike($out, qr/^fail/m, '… no line fails');

($rc, $out, $err) = $hall->smsctl('trace', '13800138000');
is($rc, 0, 'trace') or diag($err);
like($out, qr/\bMO\b.*\bYE\b/, 'shows the text');
like($out, qr/\bMT\b.*86\.50/, '… and the answer');
($rc, $out) = $hall->smsctl('trace', '13800138000', '--json');
like($out, qr/"what": ?"MO"/, 'trace --json');
($rc, $out) = $hall->smsctl('trace', '13800138001');
is($rc, 0, 'trace of somebody who never wrote');
unlike($out, qr/86\.50/, '… shows nothing of others');

($rc, $out) = $hall->run("$Hall::ROOT/tests/stack/hall", 'status', $hall->{dir});
is($rc, 0, 'hall status: all up') or diag($out);
($rc, $out) = $hall->run("$Hall::ROOT/tests/stack/hall", 'up', $hall->{dir});
is($rc, 0, 'hall up again is harmless');
like($out, qr/runs already: .*smsd/, '… and says what runs');

# Without the gateway.
$hall->kill('kannel');
ok($hall->wait_until(5, sub { ($hall->http('/readyz'))[0] == 503 }), 'no gateway: /readyz says no');
is(($hall->http('/healthz'))[0], 200, '… /healthz still yes');
($rc, $out) = $hall->smsctl('doctor');
is($rc, 1, 'the doctor notices');
like($out, qr/^fail .*bearerbox.*\(.+\)/m, '… with a remedy');
($rc, $out) = $hall->run("$Hall::ROOT/tests/stack/hall", 'status', $hall->{dir});
is($rc, 1, 'so does hall status');
like($out, qr/^bearerbox +down/m, '… by name');
$hall->up;
ok($hall->ready, 'hall up repairs it');

# A day that is older than the retention goes when smsd starts.
$hall->sql(q{CREATE TABLE hall.mo_20200101 (LIKE hall.mo INCLUDING ALL);
	ALTER TABLE hall.mo ATTACH PARTITION hall.mo_20200101 FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')});
$hall->kill('smsd');
$hall->start('smsd');
ok($hall->wait_until(10, sub { !defined $hall->sql(q{SELECT to_regclass('hall.mo_20200101')})
	|| $hall->sql(q{SELECT to_regclass('hall.mo_20200101') IS NULL}) eq 't' }), 'an old day is retired');
ok($hall->ready, '… and the hall answers on');

# Without the database, even at the start.
$hall->kill('pg');
ok($hall->wait_until(5, sub { ($hall->http('/readyz'))[0] == 503 }), 'no database: /readyz says no');
$hall->kill('smsd');
$hall->start('smsd');
is(($hall->http('/healthz'))[0], 200, 'smsd starts without its database');
is(($hall->http('/readyz'))[0], 503, '… is not ready');
$hall->up;
ok($hall->ready, '… and becomes so when the database is there');
like($hall->answer('13800138000', 'YE'), qr/86\.50/, 'and answers');

# A port that a stranger holds.
$hall->stack('down');
my $stranger = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $hall->{base}, Listen => 1, ReuseAddr => 1);
($rc, $out, $err) = $hall->run("$Hall::ROOT/tests/stack/hall", 'up', $hall->{dir});
is($rc, 1, 'a taken port stops hall up');
like($err, qr/$hall->{base} \(perl.*pid $$\)/, '… and names it and its owner');
like($err, qr/PORT_BASE=/, '… and the remedy');
close $stranger;
done_testing;
