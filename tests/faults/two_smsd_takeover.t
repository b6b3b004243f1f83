#!/usr/bin/perl
# Two smsd on one bearerbox: one dies, the other one does its texts and sends what it had not.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;
use Time::HiRes qw(sleep);

my $f = Faults->new('two_smsd_takeover', subscribers => $Faults::LONG ? 4000 : 600, rate => 400, patience => 60);
my $hall = $f->hall;
my $second = $f->start_second('hall2');
for (1 .. ($Faults::LONG ? 12 : 1)) {
	# The shipped one dies; its messages are the second one's.
	$f->run(0.4);
	$f->fault(sub { $hall->kill('smsd') });
	$f->run(0.4);
	ok(taken_over('hall1'), 'what the first one had not sent is taken over');
	$hall->start('smsd');
	# The second one dies while bearerbox takes nothing: all that it has just made is unsent.
	$f->run(0.4);
	my $bearerbox = $hall->pid('kannel');
	my $unsent = 0;
	for my $try (1 .. 20) {
		CORE::kill('STOP', $bearerbox);
		sleep 0.2;
		last if $unsent = unsent('hall2');
		CORE::kill('CONT', $bearerbox);
		$f->run(rand 0.05);
	}
	ok($unsent, 'the second one has messages that nobody took');
	$f->fault(sub { Faults::end_process($second, 'KILL') });
	CORE::kill('CONT', $bearerbox);
	$f->run(0.4);
	ok(taken_over('hall2'), 'what the second one had not sent is taken over');
	$second = $f->start_second('hall2');
}
my $both = $f->sql(q{SELECT count(DISTINCT instance) FROM hall.mo});
is($both, 2, 'both have worked');
my @adopted = map { /event=adopted messages=(\d+)/g } map { $hall->log($_) } qw(smsd hall2);
my $adopted = 0;
$adopted += $_ for @adopted;
cmp_ok($adopted, '>', 0, 'messages were taken over');
diag("two_smsd_takeover: adopted=$adopted");

sub unsent {
	my ($instance) = @_;
	return $f->sql("SELECT count(*) FROM hall.sender WHERE instance = '$instance' AND accepted < last_batch");
}

sub taken_over {
	my ($instance) = @_;
	return $hall->wait_until(15, sub { unsent($instance) eq '0' });
}

$f->run(0.3);
$f->close_books;
done_testing;
