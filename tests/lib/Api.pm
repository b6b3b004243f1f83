package Api;

# Api - asks a hall's HTTP API as another channel would.
#
#	my $api = Api->new($hall);
#	$api->user('counter', 'channel');		# makes a token, and remembers it
#	my $r = $api->post(counter => '/api/v1/triggers', {name => …});	# status, headers, json

use strict;
use warnings;
use utf8;
use Encode qw(encode);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

sub new {
	my ($class, $hall) = @_;
	return bless { hall => $hall, port => $hall->{base} + 4, token => {} }, $class;
}

sub url { my ($self, $path) = @_; return "http://127.0.0.1:$self->{port}$path" }

sub user {
	my ($self, $name, $roles, @more) = @_;
	my ($status, $out, $err) = $self->{hall}->smsctl('user', 'add', $name, '--role', $roles, '--json', @more);
	die "user add: $out$err" if $status;
	return $self->{token}{$name} = $json->decode(encode('UTF-8', $out))->{token};
}

sub token { my ($self, $name) = @_; return $self->{token}{$name} // $name }

# who: a name of user(), a token itself, or undef.  body: a structure, or a reference to its octets.
sub ask {
	my ($self, $method, $who, $path, $body, %header) = @_;
	my %o;
	$header{Authorization} //= 'Bearer ' . $self->token($who) if defined $who;
	if (defined $body) {
		$o{content} = ref($body) && ref($body) !~ /^(?:HASH|ARRAY)$/ ? $$body : $json->encode($body);
		$header{'Content-Type'} //= 'application/json';
	}
	delete $header{$_} for grep { !defined $header{$_} } keys %header;
	my $r = HTTP::Tiny->new(timeout => 60)->request($method, $self->url($path), { headers => \%header, %o });
	$r->{json} = eval { $json->decode($r->{content}) } if ($r->{headers}{'content-type'} // '') =~ /json/;
	$r->{code} = ref $r->{json} eq 'HASH' && ref $r->{json}{error} eq 'HASH' ? $r->{json}{error}{code} : '';
	return $r;
}

sub get { my ($self, $who, $path) = @_; return $self->ask('GET', $who, $path) }
sub post { my ($self, $who, $path, $body, %header) = @_; return $self->ask('POST', $who, $path, $body, %header) }

sub as_json { my ($self, $what) = @_; return $json->encode($what) }

# A connection, for what a well-behaved client would not do.
sub raw {
	my ($self) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) or die "the HTTP side: $!\n";
	binmode $socket;
	$socket->autoflush(1);
	return $socket;
}

1;
