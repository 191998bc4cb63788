package io.millrace.client.cli.text;

/** Something that the user has to know; one line, without a stack trace. */
public final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CliException(String message) {
        super(message);
    }
}
