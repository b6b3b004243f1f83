#!/usr/bin/perl
# Every script parses, is executable, and says in its first lines what it is.
use strict;
use warnings;
use Test::More;

sub head {
	my ($file) = @_;
	open my $in, '<', $file or return ('', '');
	return map { $_ // '' } (scalar <$in>, scalar <$in>);
}

my @files = split /\n/, `git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './.git/*' -not -path './build/*' -not -path './var/*'`;
my @scripts = grep { -f && (head($_))[0] =~ /^#!/ } @files;
cmp_ok(scalar @scripts, '>', 10, 'there are scripts');
for my $script (@scripts) {
	my ($first, $second) = head($script);
	my @check = $first =~ /perl/ ? ($^X, '-Itests/lib', '-c') : $first =~ /bash/ ? ('bash', '-n') : $first =~ m{/sh} ? ('sh', '-n') : ();
	ok(@check, "$script: bash, sh or perl") or next;
	my $said = `@check '$script' 2>&1`;
	is($?, 0, "$script parses") or diag($said);
	ok(-x $script, '… may be run') unless $script =~ /\.t$/;
	like($second, qr/^# \S/, '… and says what it is');
}
done_testing;
