package io.millrace.broker.config;

/** A configuration that cannot be used; the message says which key, which value and what may be. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
