#!/usr/bin/perl
# blast_desk_run.t - `smsctl blast` with a hall that sends: a preview whose counts add up and whose messages are those that
# come, a test to staff, a blast watched to its end, its report and export.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
$hall->ready or die "the hall is not ready\n";
$hall->sql($_) for 'CREATE ROLE liu LOGIN IN ROLE hall_author', 'CREATE ROLE chen LOGIN IN ROLE hall_approver',
	q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'};	# whatever time of day it is

sub as { my ($who, @arg) = @_; return $hall->run('env', "PGUSER=$who", "$Hall::BIN/smsctl", 'blast', @arg) }
sub file {
	my ($name, $text) = @_;
	open my $out, '>:raw', "$hall->{dir}/$name" or die "$name: $!\n";
	print $out encode('UTF-8', $text);
	close $out or die "$name: $!\n";
	return "$hall->{dir}/$name";
}
sub json { return JSON::PP->new->decode($_[0]) }

# 40 recipients: 5 blocked, 5 who want none, 10 who never said yes; 20 may be sent it.
my @to = map { sprintf '136%08d', $_ } 1 .. 40;
$hall->sql(qq{INSERT INTO hall.number_list (msisdn, list) VALUES ('$_', 'block')}) for @to[0 .. 4];
$hall->sql(qq{INSERT INTO hall.consent (msisdn, class, state, at) VALUES ('$_', 'commercial', 'out', now())}) for @to[5 .. 9];
$hall->sql(qq{INSERT INTO hall.consent (msisdn, class, state, at) VALUES ('$_', 'commercial', 'in', now())}) for @to[0 .. 4, 20 .. 39];
my $list = file('list.csv', "msisdn,lang,name\n" . join '', map { "$to[$_]," . ($_ % 2 ? 'en' : 'zh') . ",no $_\n" } 0 .. 39);
my $long = '畅' x 70;
my $texts = file('t.yaml', "A: {share: 50, zh: '{{name}}您好', en: 'Hello {{name}}'}\nB: {share: 50, zh: '{{name}}$long', en: 'Dear {{name}}'}\n");
my ($status, $out, $err) = as('liu', 'new', 'may', '--class', 'commercial', '--texts', $texts, '--csv', $list, '--control', '20', '--until', '+2h');
is($status, 0, 'a draft') or diag($out, $err);

# ---- preview

($status, $out, $err) = as('liu', 'preview', 'may', '--json', '--rate', '10', '--price', '0.05', '--sample', '40');
is($status, 0, 'a preview') or diag($err);
my $p = json($out);
my $sum = 0;
$sum += $_ for @$p{qw(go control)}, values %{$p->{wait}}, values %{$p->{refuse}};
is($sum, 40, 'whose counts add up to the list');
is_deeply([sort keys %{$p->{refuse}}], [qw(blocked no_consent opted_out)], 'refused for each of the reasons');
my @shown = @{$p->{messages}};
is(scalar @shown, 40, 'all messages are shown when so many are asked for');
is(scalar(grep { !defined $_->{variant} } @shown), $p->{control}, 'the control group has none');
my %segments;
for my $m (grep { defined $_->{variant} } @shown) {
	$segments{$m->{segments}}++;
	my $n = $m->{n} - 1;
	my $text = { zh => { A => "no ${n}您好回TD退订", B => "no $n${long}回TD退订" }, en => { A => "Hello no $n TD to stop", B => "Dear no $n TD to stop" } };
	is($m->{text}, $text->{$m->{lang}}{$m->{variant}}, "the message to recipient $m->{n}, with the line that is appended")
		if $n < 6 || $n > 35;
}
is_deeply($p->{segments}, \%segments, 'segments are counted of each');
ok($segments{2}, 'a long one takes two');
cmp_ok(abs($p->{cost} - $p->{segments_all} * 0.05), '<', 0.06, 'the cost is that of all segments');
cmp_ok(abs($p->{seconds} - $p->{go} / 10), '<', 0.01, 'the time follows from the rate');
($status, $out) = as('liu', 'preview', 'may', '--rate', '10');
unlike($out, qr/were looked at/, 'all of a short list are looked at');
like($out, qr/^may \(commercial, draft\) at .*: 40 recipients\n +$p->{go}  would go\n(?: +\d+  would be refused: \w+\n){3} +$p->{control}  control group, never sent it\nat any hour; /, 'in words');
like($out, qr/^segments of \d+ messages:  \d+ × 1  \d+ × 2$/m, 'with the segments');
is($hall->sql('SELECT count(*) FROM hall.mt'), 0, 'nothing was sent by looking');
($status, $out) = as('liu', 'preview', 'may', '--json', '--rate', '1', '--now',
	$hall->sql(q{SELECT ends_at - interval '2 s' FROM hall.blast WHERE name = 'may'}));
ok(json($out)->{late}, 'what would end too late is said to');
$hall->sql(q{UPDATE hall.message_class SET opens = '08:00', closes = '21:00' WHERE class = 'commercial'});
($status, $out) = as('liu', 'preview', 'may', '--json', '--now', '2026-11-22 23:00');
like(json($out)->{at}, qr/^2026-11-23T08:00:00\+08:00$/, 'at night it waits for the morning');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00' WHERE class = 'commercial'});

# ---- test

($status, $out, $err) = as('liu', 'test', 'may');
like($err, qr/nobody is on the list `test`/, 'a test wants testers');
$hall->sql(q{INSERT INTO hall.number_list (msisdn, list) VALUES ('13500000001', 'test')});
$hall->sql(q{INSERT INTO hall.consent (msisdn, class, state, at) VALUES ('13500000001', 'commercial', 'in', now())});
my $line = $hall->ear('13500000001');
($status, $out, $err) = as('liu', 'test', 'may');
is($status, 0, 'a test without approval') or diag($err);
like($out, qr/^135\*\*\*\*0001 may A test +1 (?!held|refused)\w+/m, 'of each variant');
like($out, qr/^135\*\*\*\*0001 may B test +2 (?!held|refused)\w+/m, 'in its segments');
my @got = map { $line->parse_mt($line->expect(qr/^MT 13500000001 /, 30) // '') // {} } 1 .. 2;
is_deeply([sort map { $_->{text} // '-' } @got], [sort "no 0您好回TD退订", "no 0${long}回TD退订"], 'it comes to the handset, whole');
is($got[0]{from}, '1008688', 'from the port of its class');
($status, $out) = as('liu', 'test', 'may', '13500000002');
like($out, qr/^135\*\*\*\*0002 may A test +1 refused +no_consent$/m, 'the rules of its class hold for who is named too');
($status, $out, $err) = as('liu', 'test', 'may', 'everybody');
like($err, qr/everybody: no subscriber number/, 'a number that is none');
($status, $out, $err) = as('liu', 'test', 'may', map { 13500000100 + $_ } 1 .. 10);
is($status, 0, '20 messages are a test') or diag($err);
$hall->sql(qq{INSERT INTO hall.number_list (msisdn, list) VALUES ('1350000020$_', 'test')}) for 0 .. 9;
($status, $out, $err) = as('liu', 'test', 'may');
like($err, qr/more than 20 messages are no test/, 'and no more');

($status, $out, $err) = as('liu', 'new', 'plain', '--class', 'service', '--text-zh', file('p.txt', '您好'), '--text-en', file('q.txt', 'Hello'));
$line->send('LISTEN 13500000003');
$line->expect(qr/^OK/, 5);
($status, $out, $err) = as('liu', 'test', 'plain', '13500000003');
my $plain = $line->parse_mt($line->expect(qr/^MT 13500000003 /, 30) // '') // {};
is(join(' ', map { $_ // '-' } @$plain{qw(from text)}), '10086 您好', 'a blast without a list, of a class without a port: from the hall\'s first');

# ---- run

as('liu', 'submit', 'may');
($status, $out, $err) = as('chen', 'approve', 'may');
is($status, 0, 'approved') or diag($err);
($status, $out) = as('liu', 'start', 'may');
is("$status $out", "0 may runs (smsctl blast watch may)\n", 'started');
($status, $out, $err) = as('liu', 'watch', 'may');
is($status, 0, 'watched to its end') or diag($err);
my ($last) = reverse split /\n/, $out;
like($last, qr/^may done: 40 of 40 \(100\.0%\), sent $p->{go}, refused \d+ \(.*blocked.*\), control $p->{control}$/, 'which adds up');
($status, $out) = as('liu', 'watch', 'may', '--json');
is(json($out)->{state}, 'done', 'as JSON too');
$hall->wait_until(60, sub {
	my (undef, $report) = as('liu', 'report', 'may', '--json');
	json($report)->{funnel}{delivered} == $p->{go};
}) or fail('all were delivered');
($status, $out) = as('liu', 'report', 'may', '--json');
my $r = json($out);
is_deeply([@{$r->{funnel}}{qw(recipients control sent delivered)}], [40, $p->{control}, $p->{go}, $p->{go}], 'the funnel; tests do not count');
$sum = 0;
$sum += $_->{n} for @{$r->{fates}};
is($sum, 40, 'the fates add up to the list');
($status, $out) = as('liu', 'report', 'may');
like($out, qr/^delivered +$p->{go}  100\.0% of sent$/m, 'in words');
like($out, qr/^\(control\) +$p->{control} +0 /m, 'with the control group');

($status, $out) = as('liu', 'export', 'may');
my @rows = split /\n/, $out;
is(shift @rows, 'n,msisdn,lang,variant,state,why,sent_at,reported_at', 'the export has a header');
is(scalar @rows, 40, 'and a row each');
is(scalar(grep { /,delivered,,\d{4}-/ } @rows), $p->{go}, 'with what became of the message');
unlike($out, qr/136000000\d\d/, 'masked');
($status, $out, $err) = as('liu', 'export', 'may', '--whole');
is($status, 1, 'whole numbers are not for the author');
($status, $out) = as('chen', 'export', 'may', '--whole', '--json');
is(json($out)->[39]{msisdn}, $to[39], 'but for who approves');
($status, $out) = as('liu', 'log', 'may');
like($out, qr/ chen export +\{"whole":true\}/, 'which the log keeps');

# Where nothing was sent yet there is nothing by variant or by province.
$hall->stop('smsd');
as('liu', 'edit', 'plain', '--csv', file('one.csv', "msisdn\n13600000040\n"));
as('liu', 'submit', 'plain');
as('chen', 'approve', 'plain');
as('liu', 'start', 'plain');
($status, $out, $err) = as('liu', 'report', 'plain');
like($out, qr/^recipients +1\n.*^FATE +WHY +N\nleft +1\n\z/ms, 'a report ends with what it has') or diag($out, $err);

done_testing;
