#!/usr/bin/perl
# A blast that is stopped: by a person, by its end, by the night, by a recipient who wants no more, by a share that is used up, by
# a text that cannot be written, and by a smsd that dies with its hands full.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Blast;
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

my $blast = Blast->new(rate => 400, fast => 0);
my $hall = $blast->hall;
my %heard;
my $ear = $hall->ear('*');
sub listen_until_quiet {
	my ($quiet) = @_;
	while (defined(my $line = $ear->next($quiet))) {
		my $mt = $ear->parse_mt($line) or next;
		push @{$heard{$mt->{to}}}, $mt->{text};
	}
}
sub heard { my ($n) = @_; return join '|', @{$heard{Blast::who($n)} // []} }
sub fate { my ($n) = @_; return $hall->sql(sprintf q{SELECT state || coalesce(' ' || why, '') FROM hall.mt WHERE msisdn = '%s' AND cause = 'blast'}, Blast::who($n)) // 'none' }
sub adds_up {
	my ($name) = @_;
	my $report = $blast->call('report', $name);
	my $sum = 0;
	$sum += $_->{n} for @{$report->{fates}};
	is($sum, $report->{funnel}{recipients}, "the fates of $name add up to its recipients");
}

# Paused in the middle, gone on with, and one of them says no meanwhile.
$blast->make('paused', { options => '{"rate": 100}' }, 1 .. 400);
$blast->run('paused');
ok($hall->wait_until(60, sub { $blast->handled('paused') >= 50 }), 'a blast of 400 runs');
$blast->call('pause', 'paused');
my $done = $blast->handled('paused');
sleep 2;
is($blast->handled('paused'), $done, "it is paused, and stands at $done");
cmp_ok($done, '<', 400, '… in the middle');
like($hall->answer(Blast::who(400), 'TD'), qr/./, 'its last recipient opts out');
$blast->call('resume', 'paused');
ok($blast->wait_state('paused', 'done', 120), 'it goes on to its end');
listen_until_quiet(2);
is(fate(400), 'refused opted_out', '… but not to him');
is(heard(399), '399号您好', '… to the others');
is(scalar(grep { /号您好/ } map { @$_ } values %heard), 399, '… once each');
adds_up('paused');

# Over before it is through: nobody gets it later.
$blast->make('late', { options => sprintf('{"rate": 20, "ends_at": "%s"}', $hall->sql(q{SELECT now() + interval '6 seconds'})) }, 1001 .. 1500);
$blast->run('late');
ok($blast->wait_state('late', 'expired', 60), 'a blast ends at its end');
my $sent = $blast->handled('late');
cmp_ok($sent, '<', 500, "… when $sent of 500 were handled");
sleep 2;
is($blast->handled('late'), $sent, '… and no more after it');
adds_up('late');

# In the night nothing is touched.
$hall->sql(q{UPDATE hall.message_class SET opens = ((now() + interval '2 hours') AT TIME ZONE 'Asia/Shanghai')::time,
	closes = ((now() + interval '3 hours') AT TIME ZONE 'Asia/Shanghai')::time WHERE class = 'notice'});
$blast->make('night', {}, 2001 .. 2010);
$blast->run('night');
sleep 3;
is($blast->handled('night'), 0, 'in the night nobody is told');
is($blast->call('status', 'night')->{open}, JSON::PP::false(), '… and the status says so');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
ok($blast->wait_state('night', 'done', 60), '… in the morning they are');

# A share that is used up.
$hall->sql(q{UPDATE hall.message_class SET cap = 1, valid = '10 days' WHERE class = 'notice'});
$blast->make('capped', { options => '{"over_cap": "hold"}' }, 2001, 2011);
$blast->make('dropped', { options => '{"over_cap": "drop"}' }, 2002, 2012);
$blast->run($_) for qw(capped dropped);
ok($hall->wait_until(60, sub { $blast->handled('capped') == 2 && $blast->state('dropped') eq 'done' }), 'who had his share');
is($hall->sql(q{SELECT string_agg(state || ' ' || why, ', ' ORDER BY msisdn) FROM hall.mt WHERE why = 'cap'}), 'held cap, refused cap', '… waits, or is left out');
is($blast->state('capped'), 'running', '… and a blast is not done while one waits');
is($blast->call('cancel', 'capped')->{refused}, 1, '… until it is cancelled');
adds_up($_) for qw(capped dropped);
$hall->sql(q{UPDATE hall.message_class SET cap = 10 WHERE class = 'notice'});

# What cannot be written stops that blast, and no other.
$blast->make('broken', {}, 3001 .. 3010);
$blast->must(q{hall.blast_edit('author', 'broken', '{"texts": {"zh": "{{nobody}}", "en": "x"}}')});
$blast->make('whole', {}, 3101 .. 3110);
$blast->run($_) for qw(broken whole);
ok($blast->wait_state('broken', 'paused', 60), 'a text that does not compile pauses its blast');
like($hall->sql(q{SELECT l.detail->>'why' FROM hall.blast_log l JOIN hall.blast b ON b.id = l.blast WHERE b.name = 'broken' AND l.action = 'pause'}),
	qr/does not compile.*nobody/, '… which says why');
ok($blast->wait_state('whole', 'done', 60), '… and no other one');

# Dying with its hands full: the gateway stands still, so nothing is acknowledged.
$blast->make('full', {}, 4001 .. 4600);
CORE::kill('STOP', $hall->pid('kannel'));
$blast->run('full');
ok($hall->wait_until(60, sub { $blast->handled('full') > 0 }), 'a blast begins while the gateway stands still');
sleep 2;
my $under_way = $blast->handled('full');
cmp_ok($under_way, '<=', 200, "no more are under way than may be: $under_way");
$hall->kill('smsd');
CORE::kill('CONT', $hall->pid('kannel'));
$hall->start('smsd');
ok($blast->wait_state('full', 'done', 120), 'after a kill it is done by the next life');
listen_until_quiet(3);
my $status = $blast->call('status', 'full');
cmp_ok($status->{again}, '>=', 1, "what was under way is counted: $status->{again}");
cmp_ok($status->{again}, '<=', $under_way, '… and no more');
my @times = map { scalar @{$heard{Blast::who($_)} // []} } 4001 .. 4600;
is(scalar(grep { $_ == 0 } @times), 0, 'nobody was left out');
my $twice = grep { $_ > 1 } @times;
cmp_ok($twice, '<=', $status->{again}, "$twice got it twice, no more than were counted");
is(scalar(grep { $_ > 2 } @times), 0, '… and nobody more often');
adds_up('full');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
