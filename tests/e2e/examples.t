#!/usr/bin/perl
# The examples of the shipped tables: each command has at least eight; a tenth of them, and each with answers in that tenth, is
# texted through the gateway and must hear what `smsctl try` says.  (tables apply has tried them all before.)
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

use constant { EVERY => 10, LEAST => 8 };

# ---- the tables' examples: each stands on a line of its own

my (@example, %count, %lead);
for my $file (glob "$Hall::ROOT/commands/*.yaml") {
	my ($table) = $file =~ m{([^/]+)\.yaml$};
	my ($part, $command) = ('', '');
	for (split /\n/, Hall::slurp($file)) {
		$part = $1 if /^(\w+):/;
		next unless $part eq 'commands';
		if (/^  (\w+):\s*$/) {
			$command = "$table.$1";
			$count{$command} = 0;
		}
		$lead{$command} = 1 if /^    (?:say|match):/;
		next unless /^      - \{text: "((?:[^"\\]|\\.)*)"(.*)\}\s*$/;
		my ($text, $rest) = ($1, $2);
		$count{$command}++;
		my ($from) = $rest =~ /from: "?(\d+)/;
		my ($answers) = $rest =~ /answers: \[([^\]]*)\]/;
		push @example, {
			command => $command, from => $from // '13800138000', text => unquote($text),
			answers => [ map { unquote($_) } ($answers // '') =~ /"((?:[^"\\]|\\.)*)"/g ],
		};
	}
}

sub unquote {
	my ($s) = @_;
	my %plain = (n => "\n", t => "\t");
	$s =~ s/\\(.)/$plain{$1} \/\/ $1/ge;
	return $s;
}

cmp_ok(scalar(keys %lead), '>=', 40, 'at least 40 commands: ' . keys %lead);
my @few = grep { $lead{$_} && $count{$_} < LEAST } sort keys %count;
is("@few", '', 'each command that customers can text has at least ' . LEAST . ' examples');
cmp_ok(scalar(@example), '>', 600, @example . ' examples');

# ---- through the gateway

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql('CREATE TABLE public.password AS SELECT * FROM bss.password');

# What `try` says now, but for the tip: which one rides is drawn anew for each text.
sub expected {
	my ($from, $text, @answers) = @_;
	my ($rc, $out, $err) = $hall->smsctl('try', '--json', (map { ('--answer', $_) } @answers), $from, '--', $text);
	die "try: $err" if $rc;
	my @said;
	for my $record (split /\n(?=\{)/, $out) {
		my ($outcome) = $record =~ /"outcome": ?"([^"]*)"/;
		my ($reply) = $record =~ /"reply": ?"((?:[^"\\]|\\.)*)"/;
		my ($tip) = $record =~ /"tip": ?"([^"]+)"/;
		push @said, { outcome => $outcome, reply => unquote($reply // ''), tip => $tip };
	}
	return @said;
}

my %heard;
for my $i (grep { $_ % EVERY == 0 } 0 .. $#example) {
	my $e = $example[$i];
	# No question of an earlier example is open, nothing of it is remembered, nobody is silent.
	$hall->sql('DELETE FROM hall.dialogue; DELETE FROM hall.repeat; DELETE FROM hall.wrong_secret;'
		. ' UPDATE bss.password AS p SET hash = o.hash FROM public.password AS o WHERE o.msisdn = p.msisdn;'
		. ' DELETE FROM hall.tip_seen; DELETE FROM hall.mo; DELETE FROM hall.mt');
	my @texts = ($e->{text}, @{$e->{answers}});
	my @want = expected($e->{from}, @texts);
	for my $k (0 .. $#texts) {
		my $got = $hall->answer($e->{from}, $texts[$k]);
		my $want = $want[$k]{reply};
		my $outcome = $hall->sql("SELECT outcome FROM hall.mo WHERE msisdn = '$e->{from}' ORDER BY batch DESC LIMIT 1");
		$heard{$e->{command}}++;
		is($outcome, $want[$k]{outcome}, "$e->{command}: $texts[$k]") or diag("said: $got", "\ntry:  $want");
	}
}
cmp_ok(scalar(keys %heard), '>=', 30, keys(%heard) . ' commands were texted');
is(scalar $hall->sql(q{SELECT count(*) FROM hall.parked}), 0, 'none was parked');
done_testing;
