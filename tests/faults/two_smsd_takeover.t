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

my $f = Faults->new('two_smsd_takeover', rate => 300, window => 4000,
	again => 800);
my $hall = $f->hall;

# The window is wide: the first one must have work while the second one's share waits.
# The second one reaches bearerbox through a proxy.
my $port = $f->proxy_start('box', 0, $hall->{base} + 1);
my $conf = "$hall->{dir}/second.yaml";
open my $out, '>:encoding(UTF-8)', $conf or die "$conf: $!\n";
print $out Hall::slurp("$Hall::ROOT/kannel-conf/smsd.yaml") =~ s/^    port: "\$\{SMSD_GATEWAY_PORT.*$/    port: $port/mr;
close $out or die "$conf: $!\n";
$hall->start_second('hall2', $conf);

for (1 .. ($Faults::LONG ? 8 : 1)) {
	# The first one dies; bearerbox knows at once.
	$f->run(0.4);
	$f->catch_up(60);
	$f->fault(sub { $hall->kill('smsd') });
	$f->run(0.4);
	ok(taken_over('hall1'), 'what the first one had not sent is taken over');
	$hall->start('smsd');

	# The second one cannot reach bearerbox any more, and dies: bearerbox goes on believing in it, so nothing that it had
	# in hand comes again before the first one has taken its messages over.
	$f->run(0.4);
	my $unsent = 0;
	for my $try (1 .. 10) {
		$f->proxy('box', 'stall c2s');
		$f->run(0.2);
		last if $unsent = unsent('hall2');
		$f->proxy('box', 'pass');
		$f->run(0.2);
	}
	ok($unsent, 'the second one has messages that bearerbox did not get');
	$f->proxy('box', 'stall both');
	$f->fault(sub { $hall->kill('hall2') });
	ok(taken_over('hall2'), 'what the second one had not sent is taken over');
	$f->proxy('box', $_) for qw(cut pass);
	$f->run(0.4);
	$hall->start_second('hall2', $conf);
}
is($f->sql('SELECT count(DISTINCT instance) FROM hall.mo'), 2, 'both have worked');
my $adopted = 0;
$adopted += $_ for map { /event=adopted messages=(\d+)/g } map { $hall->log($_) } qw(smsd hall2);
cmp_ok($adopted, '>', 0, 'messages were taken over');
diag("two_smsd_takeover: adopted=$adopted");

sub unsent {
	my ($instance) = @_;
	return $f->unsent($instance);
}

sub taken_over {
	my ($instance) = @_;
	return $hall->wait_until(15, sub { unsent($instance) eq '0' });
}

$f->run(0.3);
$f->close_books;
done_testing;
