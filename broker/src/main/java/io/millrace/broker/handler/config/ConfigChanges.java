package io.millrace.broker.handler.config;

import io.millrace.broker.config.ConfigKey;
import io.millrace.cluster.controller.Command.ChangeConfig;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.ConfigResource.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/** Turns requested changes of one resource into a command, or refuses them. */
final class ConfigChanges {
    private final Resources resources;
    private final ConfigResource resource;
    private final Map<String, String> present;
    private final Map<String, Optional<String>> changes = new TreeMap<>();

    ConfigChanges(Resources resources, ConfigResource resource) {
        this.resources = resources;
        this.resource = resource;
        this.present = resources.values(resource);
    }

    /** Sets a key. */
    void set(String key, @Nullable String value) {
        if (value == null) {
            throw new InvalidRequestException("Null value not supported for : " + key);
        }
        check(key, value);
        put(key, Optional.of(value));
    }

    /** Removes what is set but not named in {@code kept}. */
    void removeAllBut(Map<String, String> kept) {
        for (String key : present.keySet()) {
            if (!kept.containsKey(key)) {
                put(key, Optional.empty());
            }
        }
    }

    /** Applies one operation of KIP-339. */
    void apply(OpType operation, String key, @Nullable String value, String inForce) {
        if (changes.containsKey(key)) {
            throw new InvalidRequestException("Error due to duplicate config keys: " + key);
        }
        switch (operation) {
            case SET -> set(key, value);
            case DELETE -> {
                put(key, Optional.empty());
            }
            case APPEND, SUBTRACT -> change(operation, key, value, inForce);
        }
    }

    private void change(OpType operation, String key, @Nullable String value, String inForce) {
        if (value == null) {
            throw new InvalidRequestException("Null value not supported for : " + key);
        }
        ConfigKey known = checkKnown(key);
        if (known.type() != ConfigKey.Type.LIST) {
            throw new InvalidConfigurationException(
                    "Can't %s to key %s because its type is not LIST.".formatted(operation, key));
        }
        List<String> items = ConfigKey.items(present.getOrDefault(key, inForce));
        List<String> named = ConfigKey.items(value);
        set(
                key,
                String.join(
                        ",",
                        operation == OpType.SUBTRACT ? without(items, named) : with(items, named)));
    }

    private static List<String> with(List<String> items, List<String> more) {
        var all = new ArrayList<>(items);
        var known = new HashSet<>(items);
        more.stream().filter(known::add).forEach(all::add);
        return all;
    }

    /** Each that is named goes once. */
    private static List<String> without(List<String> items, List<String> named) {
        var going = new HashMap<String, Integer>();
        named.forEach(item -> going.merge(item, 1, Integer::sum));
        var left = new ArrayList<String>();
        for (String item : items) {
            int times = going.getOrDefault(item, 0);
            if (times == 0) {
                left.add(item);
            } else {
                going.put(item, times - 1);
            }
        }
        return left;
    }

    private ConfigKey checkKnown(String key) {
        ConfigKey known = Resources.keys(resource.type()).find(key);
        if (known == null) {
            throw new InvalidConfigurationException("Unknown config name: " + key);
        }
        return known;
    }

    private void check(String key, String value) {
        String problem = resources.problem(resource.type(), key, value);
        if (problem != null) {
            throw new InvalidConfigurationException(problem);
        }
        if (resource.type() == Type.BROKER && !DynamicKeys.isDynamic(key)) {
            throw new InvalidRequestException(
                    "Cannot update these configs dynamically: [%s]".formatted(key));
        }
    }

    private void put(String key, Optional<String> value) {
        changes.put(key, value);
    }

    /** The command. */
    ChangeConfig command() {
        var after = new TreeMap<>(present);
        changes.forEach((key, value) ->
                value.ifPresentOrElse(set -> after.put(key, set), () -> after.remove(key)));
        String conflict = resources.conflict(resource.type(), after);
        if (conflict != null) {
            throw new InvalidConfigurationException(conflict);
        }
        return new ChangeConfig(resource, changes);
    }
}
