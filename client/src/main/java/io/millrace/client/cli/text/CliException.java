package io.millrace.client.cli.text;

/** Something that the user has to know; one line, without a stack trace. */
public sealed class CliException extends RuntimeException permits WrongUseException {
    private static final long serialVersionUID = 1L;

    public CliException(String message) {
        super(message);
    }
}
