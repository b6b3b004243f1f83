#!/usr/bin/perl
# A trigger that comes by HTTP arrives on the handset; in bulk, with bad ones among them; repeated after smsd or the database
# was killed between request and answer it is still one.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
my $api = Api->new($hall);
$api->user('counter', 'channel');
$api->user('desk', 'viewer');
my $path = '/api/v1/triggers';

my $ear = $hall->ear('13800138000');
my %one = (name => 'counter_transaction', key => 'counter 7/4711', msisdn => '+86 138 0013 8000', data => {business => 'bill'});
my $r = $api->post(counter => $path, \%one);
is("$r->{status} $r->{json}{triggers}[0]{outcome}", '200 ok', 'a counter reports a transaction');
my $id = $r->{json}{triggers}[0]{id};
my $mt = $ear->expect(qr/^MT /, 20);
like($mt && $ear->parse_mt($mt)->{text}, qr/^下次可用手机营业厅APP查账单/, 'the customer hears of the e-channel');
$r = $api->post(counter => $path, \%one);
is("$r->{json}{triggers}[0]{outcome} $r->{json}{triggers}[0]{id}", "known $id", 'again, it is known');
$r = $hall->wait_until(20, sub {
	my $said = $api->get(desk => "$path/counter_transaction/counter%207%2F4711");
	$said->{json}{state} eq 'done' && ($said->{json}{messages}[0]{state} // 'held') ne 'held' ? $said : undef;
});
ok($r, 'its state is told') or BAIL_OUT('no state');
is("$r->{json}{id} $r->{json}{msisdn} $r->{json}{messages}[0]{wording}", "$id 138****8000 reminders.steer_after_counter",
	'… with the message that it led to, masked');
unlike($r->{content}, qr/13800138000/, '… everywhere');

# In bulk.
my @many = map { +{name => 'nobody_waits', key => "b$_", msisdn => sprintf('139%08d', $_)} } 0 .. 999;
$many[10]{msisdn} = '10086';
$many[500] = {name => 'nobody_waits', key => 'b1'};
delete $many[999]{key};
$r = $api->post(counter => $path, {triggers => \@many});
is("$r->{status} $r->{json}{ok} $r->{json}{known} $r->{json}{errors}", '200 997 1 2', 'a thousand at once: the good ones are kept');
is(join(' ', map { $r->{json}{triggers}[$_]{outcome} } 0, 10, 500, 999), 'ok error known error', '… each is answered in its place');
is($r->{json}{triggers}[10]{error}{field}, 'triggers[10].msisdn', '… the bad ones with their field');
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'nobody_waits'}), 997, '… and kept');
$_->{key} .= 'x' for grep { $_->{key} } @many;
$r = $api->post(counter => $path, {triggers => \@many, atomic => JSON::PP::true});
is("$r->{status} $r->{json}{error}{field}", '400 triggers[10].msisdn', 'all or nothing: the first bad one is told');
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'nobody_waits'}), 997, '… and nothing is kept');
$r = $api->post(counter => $path, {triggers => [ @many, {} ]});
is("$r->{status} $r->{json}{error}{field}", '400 triggers', 'more than a thousand are refused');

# Two who report the same at once.
my @pid;
for my $turn (0, 1) {
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		my @mine = map { +{name => 'twins', key => "t$_"} } $turn ? (0 .. 499) : reverse 0 .. 499;
		my $good = $api->post(counter => $path, {triggers => \@mine})->{status} == 200;
		POSIX::_exit($good ? 0 : 1);
	}
	push @pid, $pid;
}
is(join(' ', map { waitpid $_, 0; $? } @pid), '0 0', 'two report the same in the other order');
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'twins'}), 500, '… and each is there once');

# Killed between request and answer, again and again: what the channel does is to report it again.
sub steadily {
	my ($key) = @_;
	for my $try (1 .. 600) {
		my $r = $api->post(counter => $path, {name => 'kill', key => $key});
		return $r->{json}{triggers}[0]{outcome} if $r->{status} == 200;
		return "status $r->{status}" unless $r->{status} == 503 || $r->{status} == 599;
		sleep 0.1;
	}
	return 'never';
}
for my $what ('smsd', 'smsd', 'pg', 'smsd') {
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		my %seen;
		$seen{steadily("$what$$ $_")}++ for 1 .. 150;
		POSIX::_exit(join(' ', sort keys %seen) =~ /^(known ok|ok)$/ ? 0 : 1);
	}
	$hall->wait_until(30, sub { $hall->sql(qq{SELECT count(*) FROM hall.trigger WHERE key LIKE '$what$pid %'}) > 20 });
	$hall->kill($what);
	$hall->start($what);
	waitpid $pid, 0;
	is($?, 0, "$what was killed: each report was taken in the end, and none was refused");
	is($hall->sql(qq{SELECT count(*) || ' ' || count(DISTINCT key) FROM hall.trigger WHERE key LIKE '$what$pid %'}), '150 150', '… once');
	is($hall->sql(qq{SELECT count(*) FROM hall.request}), $hall->sql(q{SELECT count(DISTINCT id) FROM hall.request}), '… and written down once');
}
ok($hall->ready, 'the hall is ready after all that');
is($hall->sql(q{SELECT count(*) FROM hall.trigger t WHERE t.name = 'kill'
	AND (SELECT count(*) FROM hall.trigger u WHERE u.key = t.key) <> 1}), 0, 'nothing is there twice');
done_testing;
