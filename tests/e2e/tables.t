#!/usr/bin/perl
# The tables' life in a running hall: broken ones are refused with every error, the old ones stay; a new version is taken
# over under load without losing a text; rollback.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

sub table {
	my ($says) = @_;
	return <<"EOY";
table: probe
about: What the tests change
scope: group
ports: ["10086"]
commands:
  probe:
    about: Says which version answers
    say: ["PROBE"]
    risk: query
    sql: SELECT 'ok' AS outcome
    reply:
      ok: {zh: "$says", en: "$says"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "probe", from: "13800138000", expect: ok, says: "$says"}
EOY
}

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('probe.yaml' => table('ONE'));
my $one = $hall->sql(q{SELECT id FROM hall.table_version WHERE state = 'active'});
is($hall->answer('13800138000', 'probe'), 'ONE', 'a new command works at once');

# Broken in many ways, in two files.
(my $wrong = table('TWO')) =~ s/about: Says/abuot: Says/;
$wrong =~ s/risk: query/risk: daring/;
$wrong =~ s/SELECT 'ok' AS outcome/SELECT 'ok' AS outcome FROM bss.account/;
$wrong =~ s/, en: "TWO"//;
my %broken = ('probe.yaml' => $wrong, 'other.yaml' => table('X') =~ s/table: probe/table: other/r =~ s/"PROBE"/"PRO{e"/r);
my $dir = $hall->tables_dir(%broken);
my ($rc, $out, $err) = $hall->smsctl('tables', 'apply', $dir);
is($rc, 1, 'broken tables are refused');
my $said = $out . $err;
like($said, qr/probe\.yaml:7:\d+: error: .*did you mean 'about'/, 'a misspelt key');
like($said, qr/probe\.yaml:9:\d+: error: .*daring.*query/, 'a risk that does not exist');
like($said, qr/probe\.yaml:12:\d+: error: .*\ben\b/, 'a language that is missing');
like($said, qr/other\.yaml:8:\d+: error: .*\}/, 'a wording that does not close');
is(scalar(() = $said =~ /: error: /g), scalar(grep { /: error: / } split /\n/, $said), 'one error a line');
my ($check_rc, $check_out, $check_err) = $hall->smsctl('tables', 'check', $dir);
is($check_rc, 1, 'tables check says the same');
is_deeply([sort grep { /: error: / } split /\n/, $check_out . $check_err], [sort grep { /: error: / } split /\n/, $said],
	'… line by line');
is(scalar $hall->sql(q{SELECT id FROM hall.table_version WHERE state = 'active'}), $one, 'the old version is active');
is($hall->answer('13800138000', 'probe'), 'ONE', '… and answers');

# What only the database can know.
($rc, $out, $err) = $hall->smsctl('tables', 'apply', $hall->tables_dir('probe.yaml' =>
	table('TWO') =~ s/SELECT 'ok' AS outcome/SELECT 'ok' AS outcome FROM bss.account/r));
is($rc, 1, 'SQL that reaches beyond hall_api is refused');
like($out . $err, qr/probe\.yaml:10:\d+: error: .*bss/, '… with its place');
($rc, $out, $err) = $hall->smsctl('tables', 'apply', $hall->tables_dir('probe.yaml' =>
	table('TWO') =~ s/SELECT 'ok' AS outcome/SELECT outcome FROM hall_api.balance(:msisdn, :now)/r));
is($rc, 1, 'an outcome without a reply is refused');
like($out . $err, qr/probe\.yaml:\d+:\d+: error: .*'$_'/, "… namely $_") for qw(low arrears unknown_number);
($rc, $out, $err) = $hall->smsctl('tables', 'apply', $hall->tables_dir('probe.yaml' =>
	table('TWO') =~ s/"TWO"/"{{nothing}}"/gr));
is($rc, 1, 'a name that the SQL does not give is refused');
like($out . $err, qr/probe\.yaml:12:\d+: error: .*nothing/, '… with its place');
is($hall->answer('13800138000', 'probe'), 'ONE', 'and still the old version answers');

# Another version, while texts pour in.
my $line = $hall->ear('*');
my $swap = $hall->tables_dir('probe.yaml' => table('TWO'));
my $pid = fork // die "fork: $!\n";
if (!$pid) {
	my ($status) = $hall->smsctl('tables', 'apply', $swap, '--note', 'second');
	require POSIX;
	POSIX::_exit($status);
}
my ($sent, $done, %answer, %last) = (0, undef);
while (!defined $done || time < $done + 1) {
	$line->send_text(13200000000 + $sent, '10086', 'PROBE') for 1 .. 20;
	$line->send_text(13200000000 + ++$sent, '10086', 'PROBE') for 1 .. 20;
	while (defined(my $l = $line->next(0.02))) {
		my $mt = $line->parse_mt($l) or next;
		$answer{$mt->{text}}++;
	}
	if (!defined $done && waitpid($pid, 1) == $pid) {	# WNOHANG
		is($? >> 8, 0, 'applied under load');
		$done = time;
	}
}
my $all = $sent * 2;
my $until = time + 20;
my $got = sub { my $n = 0; $n += $_ for values %answer; $n };
while ($got->() < $all && time < $until) {
	my $mt = $line->parse_mt($line->next(0.2) // next) or next;
	$answer{$mt->{text}}++;
}
is($got->(), $all, "all $all texts are answered, once each");
is_deeply([sort keys %answer], [qw(ONE TWO)], 'by the old version, then by the new one');
diag(join ', ', map { "$_: $answer{$_}" } sort keys %answer);
ok($hall->wait_version, 'smsd tells the new version');
is($hall->answer('13800138000', 'probe'), 'TWO', 'the new one answers');
is(scalar $hall->sql(q{SELECT count(*) FROM (
	SELECT max(batch) FILTER (WHERE version = 2) AS two FROM hall.mo) x WHERE two IS NULL}), 0, 'rows name their version')
	if $one == 1;

# And back.
($rc, $out, $err) = $hall->smsctl('tables', 'rollback', $one);
is($rc, 0, 'rollback') or diag($out, $err);
like($out, qr/in force on 1 smsd/, 'smsd has taken it over when the command ends');
is($hall->answer('13800138000', 'probe'), 'ONE', 'the old one answers again');
($rc, $out) = $hall->smsctl('tables', 'history');
is($rc, 0, 'history');
like($out, qr/second/, '… tells the note');
($rc, $out, $err) = $hall->smsctl('tables', 'rollback', 4711);
is($rc, 1, 'no rollback to what never was');
($rc, $out) = $hall->smsctl('tables', 'diff', $swap);
like($out, qr/probe/, 'diff names what is otherwise');
mkdir "$hall->{dir}/out";
($rc, $out, $err) = $hall->smsctl('tables', 'export', "$hall->{dir}/out");
is($rc, 0, 'export') or diag($err);
is(Hall::slurp("$hall->{dir}/out/probe.yaml"), table('ONE'), '… gives the files back as they were');
done_testing;
