package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.List;

/** Keys of groups that are stored and shown, and steer nothing here yet. */
final class OtherGroupKeys {
    private static final String OFFLOAD_DOC = "Accepted; assignments are made on the group's loop.";
    private static final String WARMUP_DOC =
            "Accepted; replicas are not warmed up before a task moves.";

    static final List<ConfigKey> SHOWN =
            List.of(
                    ConfigKey.text("streams.assignor.name", null, "Who assigns streams tasks."),
                    ConfigKey.list(
                            "streams.rack.aware.assignment.tags",
                            "Client tags over which standby tasks are spread."));

    static final List<ConfigKey> HIDDEN =
            List.of(
                    offload("consumer"),
                    offload("share"),
                    offload("streams"),
                    ConfigKey.number(
                            "streams.acceptable.recovery.lag", Type.LONG, 0, 10_000, WARMUP_DOC),
                    ConfigKey.number("streams.num.warmup.replicas", Type.INT, 0, 2, WARMUP_DOC),
                    ConfigKey.number(
                            "streams.task.offset.interval.ms", Type.INT, 1, 60_000, WARMUP_DOC));

    private OtherGroupKeys() {}

    private static ConfigKey offload(String kind) {
        return ConfigKey.flag(kind + ".assignor.offload.enable", true, OFFLOAD_DOC);
    }
}
