#!/usr/bin/perl
# smsd dies at crash points by chance, under either of two names; FAULT_SEED=… repeats it, FAULT_ROUNDS=… says how often.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new_crashing('crash_random', rate => 500);
my $hall = $f->hall;
my ($died, $alive) = (0, 0);
my @log;
$f->run(0.3);
$hall->kill('smsd');
for (1 .. ($ENV{FAULT_ROUNDS} // ($Faults::LONG ? 120 : 12))) {
	my $point = $f->{points}[rand @{$f->{points}}];
	my $instance = rand() < 0.2 ? 'hall2' : 'hall1';
	my $there = $f->crash($point, instance => $instance, seconds => 2);
	push @log, "$point/$instance" . ($there ? '' : '(not reached)');
	$there ? $died++ : $alive++;
}
$hall->start('smsd');
$f->run(0.3);
my $figures = $f->close_books;
$f->check_failing;
cmp_ok($died, '>', $alive, 'most were reached');
diag("crash_random: @log") unless Test::More->builder->is_passing;
diag("crash_random: died=$died not_reached=$alive");
done_testing;
