package Blast;

# Blast - a hall whose door is fast and whose day has no night, for tests of blasts, and what they do again and again.
#
#	my $blast = Blast->new(rate => 1000);
#	$blast->make('spring', { class => 'notice', options => '{"control": 10}' }, 1 .. 3000);	# recipients, by number
#	$blast->run('spring');				# submitted, approved and started
#	my $detail = $blast->call('status', 'spring');	# hall.blast_status, decoded

use strict;
use warnings;
use utf8;
use Encode qw(encode);
use Hall;
use JSON::PP ();
use Test::More;

sub new {
	my ($class, %o) = @_;
	my $rate = $o{rate} // 1000;
	my $conf = File::Temp->new(SUFFIX => '.yaml', UNLINK => 1);
	binmode $conf, ':encoding(UTF-8)';
	print $conf Hall::slurp("$Hall::ROOT/kannel-conf/smsd.yaml") =~ s/^  unasked: \d+/  unasked: $rate/mr;
	close $conf;
	chmod 0644, $conf->filename;
	my $hall = Hall->new(fast => $o{fast} // 1, env => { HALL_SMSD_CONF => $conf->filename, %{$o{env} // {}} });
	my $self = bless { hall => $hall, conf => $conf }, $class;
	$hall->ready or die "the hall is not ready\n";
	$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'}) unless $o{night};
	return $self;
}

sub hall { return $_[0]{hall} }
sub who { return '139' . sprintf '%08d', $_[0] }

# A draft with its list; the value of its one column `name` is the recipient's number.
sub make {
	my ($self, $name, $o, @n) = @_;
	my $texts = $o->{texts} // '{"zh": "{{name}}号您好", "en": "Hello {{name}}"}';
	my ($class, $options) = ($o->{class} // 'notice', $o->{options} // '{}');
	$self->must(qq{hall.blast_new('author', '$name', '$class', '{name}', '$texts', '$options')});
	my $values = join ',', map { '(' . $_ . ')' } @n;
	my $detail = $self->{hall}->sql(qq{
		BEGIN;
		INSERT INTO hall.blast_load (load, line, msisdn, data)
		SELECT '00000000-0000-0000-0000-000000000001', v.n, '139' || lpad(v.n::text, 8, '0'), ARRAY[v.n::text] FROM (VALUES $values) AS v (n);
		SELECT outcome || ' ' || detail FROM hall.blast_recipients_add('author', '$name', '00000000-0000-0000-0000-000000000001');
		COMMIT});
	die "recipients_add: $detail\n" unless $detail =~ /^ok /;
}

sub run {
	my ($self, $name) = @_;
	$self->must("hall.blast_submit('author', '$name')");
	$self->must("hall.blast_approve('approver', '$name')");
	$self->must("hall.blast_start('author', '$name')");
}

# Calls a function, which must say ok; its detail.
sub must {
	my ($self, $call) = @_;
	my $said = $self->{hall}->sql("SELECT outcome || ' ' || detail FROM $call");
	my ($detail) = $said =~ /^ok (.*)/s or die "$call: $said\n";
	return JSON::PP::decode_json(encode('UTF-8', $detail));
}

sub call {
	my ($self, $what, $name) = @_;
	return $self->must("hall.blast_$what('author', '$name')");
}

sub state { my ($self, $name) = @_; return $self->{hall}->sql("SELECT state FROM hall.blast WHERE name = '$name'") }

# Until a blast is in that state; whether it came to be.
sub wait_state {
	my ($self, $name, $state, $seconds) = @_;
	return $self->{hall}->wait_until($seconds // 60, sub { $self->state($name) eq $state });
}

# How many recipients were handled.
sub handled {
	my ($self, $name) = @_;
	return $self->{hall}->sql(qq{SELECT coalesce(sum(r.next - r.first), 0) FROM hall.blast_range r JOIN hall.blast b ON b.id = r.blast
		WHERE b.name = '$name'});
}

1;
