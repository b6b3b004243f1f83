#!/usr/bin/perl
# What README.md lets a newcomer do on the hall of `make run`: its first table, beside the shipped ones, and its campaign,
# line by line.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $readme = Hall::slurp("$Hall::ROOT/README.md");
my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');

sub section {
	my ($title) = @_;
	my ($text) = $readme =~ /^## \Q$title\E\n(.*?)^## /ms;
	ok($text, "the README has: $title");
	return $text // '';
}

# Its lines of shell, in a folder of the hall's, against these tables.
sub runs {
	my ($text, $mine) = @_;
	my $said = '';
	for my $line ($text =~ /^    ((?:build\/smsctl|printf|echo) .*)/mg) {
		next if $line =~ /blast watch/;	# until morning, perhaps
		my $command = $line =~ s{^build/smsctl}{$Hall::BIN/smsctl}r =~ s/ mine\b/ $mine/r;
		my ($rc, $out, $err) = $hall->run('sh', '-c', "cd $hall->{dir} && $command");
		is($rc, 0, $line) or diag($out, $err);
		$hall->wait_version if $line =~ /tables apply/;
		$said .= $out;
	}
	return $said;
}

my $own = section('Your own command in five minutes');
my ($name) = $own =~ m{`mine/(\w+\.yaml)`};
my ($yaml) = $own =~ /^```yaml\n(.*?)^```$/ms;
my $mine = $hall->tables_dir($name => $yaml);
my $said = runs($own, $mine);
like($said, qr/\d+ commands, \d+ examples: ok\n.*version 2 is active\n.*南京营业厅营业时间08:30-18:00/s, 'the first table answers');
like($hall->answer('13800138009', 'yyt nanjing!'), qr/NANJING is open/, '… in English as well');

$said = runs(section('Reminders, campaigns, other channels'), $mine);
like($said, qr/nothing was sent.*day5g is a draft.*2 segments would go/s,
	'a reminder is tried, a campaign begun and looked at');
like($said, qr/somebody else approves it.*day5g is approved.*day5g runs/s, '… approved by somebody else, and started');
done_testing;
