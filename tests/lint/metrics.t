#!/usr/bin/perl
# smsd/base/metric_list.h: names as Prometheus wants them, each once, each counted somewhere.
use strict;
use warnings;
use FindBin;
use Test::More;

chdir "$FindBin::Bin/../.." or die "cannot enter the checkout: $!\n";

sub text {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

my $code = join '', map { text($_) } grep { !m{/metric} } glob 'smsd/*.c smsd/*/*.c';
my (%ids, %names);
for (split /\n/, text('smsd/base/metric_list.h')) {
	next if m{^/\*.*\*/$};
	my ($id, $kind, $name, $help) = /^METRIC\((M_[A-Z_]+), (COUNTER|GAUGE|HISTOGRAM|LABELLED\("[a-z]+"\)), "([^"]+)", "([^"]+)"\)$/;
	ok(defined $id, "is a metric: $_") or next;
	ok(!$ids{$id}++ && !$names{$name}++, "$id, $name: once");
	my $suffix = $kind =~ /COUNTER|LABELLED/ ? qr/_total/ : $kind eq 'HISTOGRAM' ? qr/_seconds/ : qr/(?<!_total)/;
	like($name, qr/^smsd_[a-z_]+$suffix$/, "$name: named as a $kind is");
	like($help, qr/^[A-Z].{7,}[^.]$/, "$name: says what it is");
	like($code, qr/\b$id\b/, "$name: something counts it");
}
cmp_ok(scalar keys %names, '>', 10, 'there are metrics');

done_testing;
