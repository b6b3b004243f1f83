#!/usr/bin/perl
# The business that commands/README.md builds, so that the README stays true: what it shows of the table is in
# tables/coffee/coffee.yaml, and each command that it runs says what it says there.  Times, codes and counts may differ.
use strict;
use warnings;
use utf8;
use FindBin;
use Text::ParseWords qw(shellwords);
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $readme = Hall::slurp("$Hall::ROOT/commands/README.md");
my ($section) = $readme =~ /^## A business from nothing\n(.*?)^## /ms;
my $yaml = Hall::slurp("$FindBin::Bin/tables/coffee/coffee.yaml");
my @blocks = $section =~ /^```(\w+\n.*?)^```$/msg;
cmp_ok(scalar @blocks, '>', 20, 'the README shows the business');

# Whether all lines of the first are among those of the second, in that order.
sub among {
	my ($part, $whole) = @_;
	my @rest = @$whole;
	for my $line (@$part) {
		shift @rest while @rest && $rest[0] ne $line;
		return $line unless @rest;
		shift @rest;
	}
	return;
}

# ---- what it shows of the table
my %told;
for my $block (map { /^yaml\n(.*)/s } @blocks) {
	my @lines = grep { /\S/ } split /\n/, $block;
	is(among(\@lines, [split /\n/, $yaml]), undef, "the table has it: $lines[0]");
	$told{$_} = 1 for @lines;
}
is_deeply([grep { /\S/ && !/^#/ && !$told{$_} } split /\n/, $yaml], [], '… and nothing else');

# ---- what it asks the database
my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
for my $time ('put in', 'put in again') {
	my ($rc, $out, $err) = $hall->run('psql', '-Xq1', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f',
		"$FindBin::Bin/tables/coffee/coffee.sql");
	is($rc, 0, "the functions are $time") or diag($err);
}

# ---- what it runs
my $mine = $hall->tables_dir('coffee.yaml' => $yaml);
# What is only tried is tried against less, which is quicker.
my $small = $hall->tables_dir((map { m{([^/]+)$} => undef } glob "$Hall::ROOT/commands/*.yaml"), 'coffee.yaml' => $yaml,
	'answers.yaml' => Hall::slurp("$Hall::ROOT/commands/answers.yaml") =~ s/^commands:\n.*//msr);

sub plain {
	my ($line, $said) = @_;
	$line =~ s/\s+/ /g;
	$line =~ s/ APP可看门店。$//;	# the tip comes with step 10
	$line =~ s/(券号|验证码)\d+|\d{8}(?=卡布奇诺)/($1 \/\/ '') . '#'/ge;
	$line =~ s/\d+/#/g unless $said;	# what is said must have the right amounts
	return $line;
}

for my $block (map { /^console\n(.*)/s } @blocks) {
	for my $run (split /^(?=\$ )/m, $block) {
		my ($command, @expected) = split /\n/, $run;
		next unless $command =~ s{^\$ build/smsctl }{};
		my ($rc, $out, $err) = $hall->smsctl(map { s/^mine$/$mine/r =~ s/^--tables=mine$/--tables=$small/r } shellwords($command));
		$hall->wait_version if $command =~ /^tables (apply|rollback)/;
		$out =~ s/\Q$mine\E/mine/g;
		my $lost = among([map { plain($_, /^reply/ || $command =~ /^phone/) } grep { /\S/ } @expected],
			[map { plain($_, /^reply/ || $command =~ /^phone/) } split /\n/, $out . $err]);
		is($rc, 0, "$command") or diag($err);
		is($lost, undef, '… says what the README says') or diag($out, $err);
	}
}

# ---- what else it promises
my ($buyer, $order) = ('13800138005', "hall_api.coffee_buy('13800138005', 'LATTE', 1, '00000000-0000-4000-8000-000000000001', now(), 'zh')");
my $before = $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$buyer'");
my $first = $hall->sql("SELECT o FROM $order AS o");
like($first, qr/^\(ok,拿铁,1800,\d+,\d{8}\)$/, 'a voucher is bought');
is(scalar $hall->sql("SELECT o FROM $order AS o"), $first, '… by the same text no second time');
is(scalar $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$buyer'"), $before - 1800, '… and paid once');
like($hall->answer($buyer, 'KFGM 美式'), qr/12元/, 'an order');
$hall->sql("UPDATE bss.coffee SET price = 1300 WHERE code = 'AMERICANO'");
like($hall->answer($buyer, 'Y'), qr/^资费有变化.*13元/, 'at another price it is asked about again');
like($hall->answer($buyer, 'Y'), qr/扣13元/, '… and then done');
like($hall->answer('13800138003', 'KFTK 20000004'), qr/验证码\d{6}/, 'a code is sent');
my $code = $hall->sql("SELECT count(*) FROM hall.mt WHERE msisdn = '13800138003' AND text LIKE '%验证码******%'");
is($code, 1, '… and is not to be read in the database');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag($out, $err);
done_testing;
