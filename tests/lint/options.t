#!/usr/bin/perl
# Every option that smsd knows (the table in smsd/base/conf.c) stands in the shipped kannel-conf/smsd.yaml and in
# smsd.yaml(5), each with its true default; they know no other; and the shipped file is accepted as it is.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

chdir "$FindBin::Bin/../.." or die "cannot enter the checkout: $!\n";

my $dir = tempdir(CLEANUP => 1);

# A program that prints the table, or reads a file.
sub build {
	open my $c, '>', "$dir/options.c" or die "$dir/options.c: $!\n";
	print $c <<'END';
#include "base/conf.h"
int main(int argc, char **argv)
{
	struct conf conf;
	struct err err;

	if (argc < 2) {
		conf_options(stdout);
		return 0;
	}
	if (conf_read(argv[1], &conf, stdout, &err) < 0)
		return 1;
	conf_free(&conf);
	return 0;
}
END
	close $c or die "$dir/options.c: $!\n";
	my @from = map { "smsd/base/$_.c" } qw(conf err log map mem str yaml);
	system($ENV{CC} // 'gcc', '-std=gnu17', '-D_GNU_SOURCE', '-Ismsd', '-o', "$dir/options", "$dir/options.c", @from, '-lyaml') == 0
		or BAIL_OUT('smsd/base does not compile');
}

sub lines {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	chomp(my @lines = <$in>);
	return @lines;
}

# path => value, '' for what has options below it.  A key in a comment (what is off by default) counts too.
sub in_example {
	my (%found, @open);
	for (lines('kannel-conf/smsd.yaml')) {
		next unless /^(\s*)(?:#\s(\s*))?(- )?(\w+):(?:\s+(.*))?$/;
		my ($indent, $comment, $item, $key, $value) = (length $1, $2, $3, $4, $5 // '');
		next if defined $comment && $indent == 0;	# prose
		$indent += length($comment // '') + length($item // '');
		pop @open while @open && $open[-1][0] >= $indent;
		$open[-1][1] .= '[]' if $item && @open && $open[-1][1] !~ /\]$/;
		$value =~ s/\s+#.*//;
		$value =~ s/^"(.*)"$/$1/;
		$value =~ s/^\$\{\w+:-(.*)\}$/$1/;
		my $path = join '.', (map { $_->[1] } @open), $key;
		$found{$path} = $value unless defined $found{$path} && length $found{$path};
		push @open, [ $indent, $key ];
	}
	return %found;
}

# path => default, undef where none is told
sub in_manual {
	my (%found, @path, $depth, $options, $default);
	for (lines('smsd/man/smsd.yaml.5')) {
		$options = 1 if /^\.Ss Options/;
		last if $options && /^\.Sh/;
		next unless $options;
		if (/^\.Bl/) { push @path, undef }
		elsif (/^\.El/) { pop @path }
		elsif (/^\.It Cm (\S+)/) {
			$path[-1] = $1;
			my $path = join '.', map { $_ eq 'gateways' && @path > 1 ? 'gateways[]' : $_ } @path;
			$found{$path} = undef;
			$default = undef;
		}
		elsif (/^Default:$/) { $default = 1 }
		elsif ($default && /^\.Cm (.*?) \.$/) {
			$found{join '.', map { $_ eq 'gateways' && @path > 1 ? 'gateways[]' : $_ } @path} = $1;
			$default = undef;
		}
	}
	return %found;
}

build();
my @options = map { [ split /\t/ ] } split /\n/, `$dir/options`;
cmp_ok(scalar @options, '>', 15, 'smsd lists its options');
my %known = map { $_->[0] => $_ } @options;
my %example = in_example();
my %manual = in_manual();

for my $option (@options) {
	my ($path, $type, $default, $about) = @$option;
	ok(exists $example{$path}, "kannel-conf/smsd.yaml shows $path");
	ok(exists $manual{$path}, "smsd.yaml(5) explains $path");
	like($about, qr/^\S.{9,}$/, "$path says what it is for");
	next if $default eq 'required' || $default eq '-' || $type eq 'mapping';
	is($example{$path}, $default, "kannel-conf/smsd.yaml shows $path with its default");
	is($manual{$path}, $default, "smsd.yaml(5) tells the default of $path");
}
is(join(' ', grep { !$known{$_} } sort keys %example), '', 'kannel-conf/smsd.yaml shows no other option');
is(join(' ', grep { !$known{$_} } sort keys %manual), '', 'smsd.yaml(5) explains no other option');

delete $ENV{$_} for grep { /^SMSD_/ } keys %ENV;
my $said = `$dir/options kannel-conf/smsd.yaml 2>&1`;
is($? >> 8, 0, 'kannel-conf/smsd.yaml is accepted with nothing set') or diag($said);

done_testing;
