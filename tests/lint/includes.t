#!/usr/bin/perl
# Each folder of smsd/ stands only on those below it: an include never goes up, nor to a neighbour on the same floor.
use strict;
use warnings;
use FindBin;
use Test::More;

chdir "$FindBin::Bin/../.." or die "cannot enter the checkout: $!\n";

my %floor = (base => 0, text => 1, kannel => 2, db => 2, table => 3, flow => 4, admin => 5, ctl => 6);

sub includes {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	return map { /^\s*#\s*include\s*"([^"]+)"/ ? [ $., $1 ] : () } <$in>;
}

sub problem {
	my ($folder, $path) = @_;
	return if $path eq 'queries.h' && $floor{$folder} >= $floor{db};	# made from sql/queries
	my ($to) = $path =~ m{^(\w+)/[\w.-]+$} or return 'is no "folder/file.h"';
	return "names no folder of smsd/" unless defined $floor{$to};
	return "does not exist" unless -e "smsd/$path";
	return if $to eq $folder || $floor{$to} < $floor{$folder};
	return "goes up, from $folder to $to" if $floor{$to} > $floor{$folder};
	return "goes sideways, from $folder to $to";
}

my @folders = map { m{^smsd/(\w+)/$} } glob 'smsd/*/';
for my $folder (grep { $_ ne 'man' } @folders) {
	ok(defined $floor{$folder}, "smsd/$folder/ has its floor") or next;
	my @bad;
	for my $file (glob "smsd/$folder/*.[ch]") {
		for my $include (includes($file)) {
			my $why = problem($folder, $include->[1]);
			push @bad, "$file:$include->[0]: \"$include->[1]\" $why" if $why;
		}
	}
	ok(!@bad, "smsd/$folder/ includes only what is below it") or diag(join "\n", @bad);
}

# A header can be included alone and twice.
my @without = grep {
	open my $in, '<', $_ or die "$_: $!\n";
	my $text = join '', <$in>;
	# lists that are included with a macro are meant to be included again
	$text !~ /^#pragma once$/m && $text !~ /^(METRIC|BOX_S|CRASH_POINT)\(/m;
} glob 'smsd/*/*.h';
is("@without", '', 'every header begins with #pragma once');

done_testing;
