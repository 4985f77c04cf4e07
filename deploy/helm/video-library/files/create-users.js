// Run once, by the MongoDB image, when the volume is empty: an account for each service, which may
// use its own database only. So the web API cannot read what the auth service keeps.
const fs = require("fs");
const folder = "/run/secrets/mongodb";

for (const [user, database] of [["video_api", "video_library"], ["video_auth", "video_auth"]]) {
  const pwd = fs.readFileSync(`${folder}/${user}`, "utf8").trim();
  if (pwd.length < 16) {
    throw new Error(`${folder}/${user} has no password of 16 characters or more`);
  }
  db.getSiblingDB(database).createUser({ user, pwd, roles: [{ role: "readWrite", db: database }] });
}
