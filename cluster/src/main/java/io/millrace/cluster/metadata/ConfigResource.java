package io.millrace.cluster.metadata;

/** What a configuration value belongs to. */
public record ConfigResource(Type type, String name) {
    /** Kinds of resources, with the numbers of Kafka's protocol. */
    public enum Type {
        TOPIC(2),
        BROKER(4),
        CLIENT_METRICS(16),
        GROUP(32);

        private final int id;

        Type(int id) {
            this.id = id;
        }

        public int id() {
            return id;
        }

        /**
         * The type of that number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Type ofId(int id) {
            for (Type type : values()) {
                if (type.id == id) {
                    return type;
                }
            }
            throw new IllegalArgumentException("no configuration resource has the type " + id);
        }
    }
}
